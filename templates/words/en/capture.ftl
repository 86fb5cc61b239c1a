# Capture of portrait, fingerprints and signature.

capture-page-title = Biometric capture
capture-portrait = Portrait
capture-fingers = Fingerprints
capture-signature = Signature
capture-done = taken
capture-todo = not yet
capture-round = Capture { $round }
capture-complete-title = Capture complete
capture-complete-hint = With the line cut, portrait, fingerprints and signature wait here and go to headquarters by themselves later.
capture-complete-button = Complete the capture
capture-complete-needs = Then go on to the interview. Portrait, the fingers asked for and signature must be there or have a reason.
capture-reopen = Capture again
capture-reopen-reason = Why capture again
capture-to-interview = Go on to the interview
capture-at-once = Each piece is saved at once.

# Portrait
capture-portrait-rules = White background, face straight to the camera, eyes open, no glasses. Collared clothes, not white.
capture-camera-start = Start camera
capture-camera-take = Take picture
capture-camera-again = Try again
capture-camera-use = Save this picture
capture-camera-choice = Camera
capture-camera-view = Camera picture with guide lines for the face
capture-camera-guide = Eyes on the horizontal line, face inside the oval
capture-camera-denied = The browser refused the camera. Allow it for this address, then start again.
capture-camera-none = There is no camera. Connect one, or upload a picture file.
capture-camera-busy = Another program is using the camera. Close it, then start again.
capture-camera-insecure = The camera only works on https or localhost. Upload a picture file for now.
capture-camera-failed = The camera could not be started. Upload a picture file, or try again.
capture-file-portrait = Upload a picture file
capture-file-instead = Or use a file
capture-file-hint = JPEG or PNG, { $megabytes } MB at most
capture-save = Save
capture-fill = Enter
capture-replace = Replace
capture-picture-portrait = Portrait of the applicant
capture-picture-finger = Print of the { $finger }
capture-picture-signature = The applicant's signature
capture-size = { $width } × { $height } pixels

# Fingers
capture-hand-right = Right hand
capture-hand-left = Left hand
capture-quality = Quality (0–100)
capture-quality-is = quality { $quality }
capture-quality-low = low, better try again
capture-finger-picture = Fingerprint image
capture-exception = Cannot be taken because
capture-exception-none = Image uploaded
capture-fingers-hint = Upload one image per finger, or choose a reason when it cannot be taken.
capture-fingers-rest = Fingers without an entry
capture-fingers-rest-button = Apply to all fingers without an entry

# Signature
capture-signature-pad = Signature field
capture-signature-pad-hint = Sign with pen, finger or mouse.
capture-signature-undo = Undo stroke
capture-signature-clear = Clear
capture-signature-save = Save signature
capture-signature-file = Upload a picture of the signature
capture-signature-cannot = Cannot sign
capture-signature-reason = Reason
capture-signature-excepted = Without signature

# Refusals
capture-refused-large = The file is larger than { $max } MB.
capture-refused-large-next = Make the picture smaller or take it again, then save it again.
capture-refused-type = This file is no JPEG or PNG picture.
capture-refused-type-next = Save the picture as JPEG or PNG and upload it again. Another file name alone does not help.
capture-refused-broken = This picture is damaged or cut short and cannot be opened.
capture-refused-broken-next = Take the picture again, or choose another file.
capture-refused-small = The picture is too small: { $width } × { $height } pixels.
capture-refused-small-next = Take a larger one: at least { $width } × { $height } pixels.
capture-refused-pixels = The picture is too large to be opened: { $width } × { $height } pixels.
capture-refused-pixels-next = Make it smaller or take it again, save it as an ordinary JPEG, then upload it again.
capture-refused-empty = There is no picture yet: no file was chosen, or the file is empty.
capture-refused-empty-next = Choose a picture file, then save it again.
capture-refused-quality = Quality is a number from 0 to 100.
capture-refused-crowded = Too many pictures are on their way to this server, so this one was not taken.
capture-refused-crowded-next = Nothing was saved; what you typed is still there. Wait a moment, choose the file again and save.
capture-refused-kept = This picture was not saved; what was saved before has not changed.
capture-fingers-done = { $done } of { $asked }
