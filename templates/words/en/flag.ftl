# What an officer should look at; none of it is a refusal.

flag-nik-birth-differs = The date of birth differs from the digits of the NIK. That may be; compare with the birth certificate.
flag-nik-sex-differs = The sex differs from the digits of the NIK. Compare with the e-KTP.
flag-nik-region-old = The NIK has a region code of former times. It is still valid.
flag-nik-region-unknown = This program does not know the region code of the NIK. Compare with the e-KTP.
flag-name-truncated = The name is too long for the machine-readable zone and will be cut there.
flag-guardian-missing = The applicant is a child, and no parent or guardian is on the application.
flag-one-parent = Only one parent is on record; the other joins by video call or gives a power of attorney.
flag-too-young-for-ten-years = Ten years are only for people of { $age } and over, or married.
flag-priority-ground-unclear = Priority queue without a clear ground. Ask for it.
flag-came-early = Came before the appointment.
flag-came-late = Came after the appointment.
flag-same-day-too-late = Same-day service: came after the hour, may not be ready today.
flag-documents-differ = Originals differ from the uploads: { $papers }
flag-fingers-poor = Fingerprints of low quality: { $fingers }
flag-provisional = Served on evidence of payment; to be confirmed by { $by }
flag-provisional-overdue = The payment is not confirmed, and { $by } has passed
flag-hold-overdue = The last day for missing papers, { $until }, has passed
flag-issue-overdue = The passport should have been ready on { $by }
flag-not-collected = The passport has not been collected by { $until }
flag-facts-parked = Some records wait for a newer version of the program.
flag-on-prevention-list = On the prevention list ({ $order }). Do not go on; tell the supervisor and headquarters.
flag-passport-held-before = Chose a new passport but names an old one. Make sure of the kind of application.
flag-work-abroad = Goes abroad to work. Look at the recommendation and the contract.
