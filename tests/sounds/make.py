#!/usr/bin/env python3
"""Makes the sounds of the hall's boards again: static/sounds/hall.ogg (every sound, one behind the other) and
static/sounds/hall.json (where each begins and how long it is, in seconds).

Needs espeak-ng and opusenc (Debian: espeak-ng, opus-tools). The voice is espeak-ng's own formant voice `id`; no MBROLA
voice, whose licences forbid this. Why this one: docs/decisions/0028-boards-speak-from-embedded-sounds.md.
"""
import array
import json
import math
import pathlib
import subprocess
import tempfile
import wave

RATE = 22050
# Opus keeps 20 ms frames: what is between two sounds must not be heard in either.
GAP_S = 0.12
SILENCE = 260
LOUD = 0.80 * 32767

WORDS = {
    "nomor-antrean": "nomor antrean", "silakan-ke": "silakan ke", "loket": "loket",
    "nol": "nol", "satu": "satu", "dua": "dua", "tiga": "tiga", "empat": "empat", "lima": "lima", "enam": "enam",
    "tujuh": "tujuh", "delapan": "delapan", "sembilan": "sembilan", "sepuluh": "sepuluh", "sebelas": "sebelas",
    "belas": "belas", "puluh": "puluh", "seratus": "seratus", "ratus": "ratus",
}
# The names of the letters as they are said in Indonesian; I, O, S and Z are no queue classes.
LETTERS = {
    "a": "a", "b": "bé", "c": "cé", "d": "dé", "e": "é", "f": "éf", "g": "gé", "h": "ha", "j": "jé", "k": "ka",
    "l": "él", "m": "ém", "n": "én", "p": "pé", "q": "ki", "r": "ér", "t": "té", "u": "u", "v": "fé", "w": "wé",
    "x": "éks", "y": "yé",
}


def spoken(text, folder):
    """What espeak-ng says, without the silence around it, at one loudness."""
    file = folder / "said.wav"
    subprocess.run(["espeak-ng", "-v", "id", "-s", "135", "-p", "42", "-g", "1", "-w", file, text], check=True)
    with wave.open(str(file)) as read:
        assert (read.getframerate(), read.getnchannels(), read.getsampwidth()) == (RATE, 1, 2)
        samples = array.array("h", read.readframes(read.getnframes()))
    heard = [at for at, sample in enumerate(samples) if abs(sample) > SILENCE]
    samples = samples[max(0, heard[0] - 200):heard[-1] + 600]
    loudest = max(abs(sample) for sample in samples)
    return [sample / loudest * LOUD for sample in samples]


def chime():
    """Two soft strokes, a third apart and falling, as one knows them from halls."""
    samples = [0.0] * int(1.25 * RATE)
    for start, pitch in ((0.0, 659.26), (0.42, 523.25)):
        for at in range(int(start * RATE), len(samples)):
            time = at / RATE - start
            body = sum(math.sin(2 * math.pi * pitch * n * time) * share for n, share in ((1, 1), (2, .25), (3, .08)))
            samples[at] += body * min(1, time / .006) * math.exp(-3.4 * time)
    loudest = max(abs(sample) for sample in samples)
    fade = [min(1, (len(samples) - at) / (.05 * RATE)) for at in range(len(samples))]
    return [sample / loudest * LOUD * less for sample, less in zip(samples, fade)]


def main():
    target = pathlib.Path(__file__).resolve().parents[2] / "static" / "sounds"
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        sounds = {"chime": chime()} | {name: spoken(text, folder) for name, text in (WORDS | LETTERS).items()}
        whole, table = [0.0] * int(GAP_S * RATE), {}
        for name, samples in sounds.items():
            table[name] = [round(len(whole) / RATE, 3), round(len(samples) / RATE, 3)]
            whole += samples + [0.0] * int(GAP_S * RATE)
        with wave.open(str(folder / "hall.wav"), "wb") as written:
            written.setnchannels(1)
            written.setsampwidth(2)
            written.setframerate(RATE)
            written.writeframes(array.array("h", [round(sample) for sample in whole]).tobytes())
        opus = ["opusenc", "--quiet", "--bitrate", "16", "--speech", "--serial", "1", "--discard-comments", "--comment", "TITLE=Loket"]
        subprocess.run([*opus, folder / "hall.wav", target / "hall.ogg"], check=True)
    (target / "hall.json").write_text(json.dumps(table, indent=0).replace("\n", " ").replace("], ", "],\n") + "\n")


main()
