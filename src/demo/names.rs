//! Names and places the demo's people are put together from. Every person is invented by combination; regions keep
//! the sound of a waiting room in the Riau Islands, where people come from everywhere.

use super::chance::Chance;
use crate::domain::person::Sex;

/// Where a family comes from: how its people are called, and where a NIK was first given.
pub(super) struct Region {
    /// First four digits of a NIK: province and regency or city.
    pub(super) code: &'static str,
    /// Place of birth.
    pub(super) birthplace: &'static str,
    women: &'static [&'static str],
    men: &'static [&'static str],
    /// Second names; empty where people commonly have none.
    families: &'static [&'static str],
}

/// Regions, the home region first and most often.
pub(super) const REGIONS: &[Region] = &[
    Region {
        code: "2102",
        birthplace: "Tanjung Balai Karimun",
        women: &["Nurhaliza", "Zubaidah", "Siti Rahmah", "Fatimah", "Halimah", "Suraya"],
        men: &["Raja Hamzah", "Zulkifli", "Azhar", "Encik Daud", "Jamaluddin", "Hasan"],
        families: &["Abdullah", "Ismail", "Mahmud", "Yusuf", "Osman"],
    },
    Region {
        code: "2171",
        birthplace: "Batam",
        women: &["Melisa", "Vivian", "Jessica", "Liana", "Sherly"],
        men: &["Kevin", "Hendra", "Willy", "Steven", "Rudy"],
        families: &["Tanuwijaya", "Halim", "Wijaya", "Salim", "Gunawan"],
    },
    Region {
        code: "1271",
        birthplace: "Medan",
        women: &["Rotua", "Tiurma", "Duma", "Romauli"],
        men: &["Parlindungan", "Togar", "Sahat", "Binsar"],
        families: &["Simanjuntak", "Siregar", "Sihombing", "Hutapea", "Nainggolan"],
    },
    Region {
        code: "1371",
        birthplace: "Padang",
        women: &["Yulisma", "Rahmi", "Desmawati", "Upik"],
        men: &["Syafrizal", "Rinaldi", "Afrizal", "Buyung"],
        families: &["Chaniago", "Piliang", "Tanjung", "Koto"],
    },
    Region {
        code: "3372",
        birthplace: "Surakarta",
        women: &["Sri Lestari", "Endang", "Wahyuningsih", "Retno"],
        men: &["Bambang", "Slamet", "Joko", "Agus"],
        families: &["Prasetyo", "Wibowo", "Nugroho", "Susanto", "Handayani"],
    },
    Region {
        code: "3273",
        birthplace: "Bandung",
        women: &["Neng Euis", "Teti", "Imas", "Rina"],
        men: &["Asep", "Dadang", "Ujang", "Cecep"],
        families: &["Kurniawan", "Hidayat", "Suryana", "Permana"],
    },
    Region {
        code: "7371",
        birthplace: "Makassar",
        women: &["Andi Tenri", "Besse", "Hasnah", "Rosdiana"],
        men: &["Andi Baso", "Daeng Tompo", "Syamsuddin", "Amiruddin"],
        families: &["Mappanyukki", "Paturusi", "Rahman", "Nurdin"],
    },
    Region {
        code: "5171",
        birthplace: "Denpasar",
        women: &["Ni Luh Ayu", "Ni Made", "Ni Komang"],
        men: &["I Wayan", "I Made", "I Nyoman"],
        families: &["Sudarma", "Suartini", "Wirawan", "Astawa"],
    },
    Region {
        code: "8171",
        birthplace: "Ambon",
        women: &["Yohana", "Marlin", "Febby"],
        men: &["Yopie", "Frans", "Glenn"],
        families: &["Latuconsina", "Pattiasina", "Sahetapy", "Tuhumury"],
    },
];

/// The old code of Merauke, which since 2022 belongs to another province: right in every NIK given before.
pub(super) const OLD_PAPUA: Region = Region {
    code: "9101",
    birthplace: "Merauke",
    women: &["Yuliana", "Maria"],
    men: &["Yosepus", "Kasimirus"],
    families: &["Gebze", "Mahuze", "Kaize"],
};

/// People who have one name only, as many Indonesians do.
pub(super) const SINGLE_NAMES: &[(&str, Sex)] =
    &[("Suhartini", Sex::F), ("Paijan", Sex::M), ("Ngatinem", Sex::F), ("Sutrisno", Sex::M)];

/// A name that fits no field made for thirty-nine characters.
pub(super) const LONG_NAME: &str =
    "Raden Ajeng Siti Nurhaliza Kusumaningtyas Wulandari Prawirodirdjo Sastrowidjojo";

impl Region {
    /// A region of the country, more often the home region.
    pub(super) fn draw(chance: &mut Chance) -> &'static Region {
        if chance.percent(40) { &REGIONS[0] } else { &REGIONS[chance.place_in(REGIONS.len())] }
    }

    /// The family's second name.
    pub(super) fn family(&self, chance: &mut Chance) -> &'static str {
        chance.pick(self.families)
    }

    /// A first name.
    pub(super) fn first_name(&self, sex: Sex, chance: &mut Chance) -> &'static str {
        chance.pick(if sex == Sex::F { self.women } else { self.men })
    }
}
