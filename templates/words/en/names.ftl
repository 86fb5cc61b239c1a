# Names of states, roles, papers and other things the rules know.

name-status-awaiting-payment = Awaiting payment
name-status-expired = Expired
name-status-cancelled = Cancelled
name-status-expected = Paid, expected
name-status-arrived = Arrived
name-status-waiting = Waiting to be called
name-status-serving = Being served
name-status-held = Held for documents
name-status-captured = Captured
name-status-awaiting-review = Waiting for a supervisor
name-status-awaiting-decision = Awaiting headquarters
name-status-approved = Approved
name-status-refused = Refused
name-status-book-allocated = Book set aside
name-status-book-printed = Printed
name-status-book-passed = Quality checked
name-status-ready = Ready to collect
name-status-handed-over = Handed over
name-status-erased = Data erased

name-role-front-desk = Front desk
name-role-interviewer = Interviewer
name-role-supervisor = Supervisor
name-role-custody = Custody of books
name-role-administrator = Administrator
name-role-auditor = Auditor (reads only)
name-role-headquarters = Headquarters

name-document-identity-card = Identity card (e-KTP)
name-document-family-card = Family card (KK)
name-document-birth-proof = Birth or marriage certificate / diploma
name-document-old-passport = Old passport
name-document-parents-identity-cards = Identity cards of both parents
name-document-parents-marriage = Parents' marriage certificate
name-document-parents-statement = Parents' statement
name-document-police-report = Police report of the loss
name-document-disaster-statement = Statement about the disaster
name-document-power-of-attorney = Power of attorney
name-document-name-or-citizenship-ruling = Ruling on name or citizenship
name-document-recommendation = Recommendation

name-seen-agrees = Agrees
name-seen-differs = Differs
name-seen-missing = Not brought

name-channel-mpaspor = M-Paspor
name-channel-priority = Priority
name-channel-same-day = Same day
name-channel-simpatik = Simpatik
name-channel-eazy = Eazy Passport
name-channel-examination = Examination (BAP)

name-product-ordinary = Ordinary passport
name-product-electronic = Electronic passport
name-product-polycarbonate = Polycarbonate e-passport
name-product-ordinary-short = ordinary
name-product-electronic-short = electronic
name-product-polycarbonate-short = polycarbonate

name-validity-five-years = 5 years
name-validity-ten-years = 10 years

name-priority-elderly = Elderly
name-priority-toddler = Toddler
name-priority-disability = Disability
name-priority-pregnant = Pregnant / nursing
name-priority-sick = Sick

name-sex-f = Female
name-sex-m = Male
name-sex-x = Unspecified

name-civil-single = Single
name-civil-married = Married
name-civil-divorced = Divorced
name-civil-widowed = Widowed

name-relation-mother = Mother
name-relation-father = Father
name-relation-guardian = Guardian

name-replacement-expired = expired
name-replacement-full = pages full
name-replacement-lost = lost
name-replacement-damaged = damaged
name-replacement-lost-by-disaster = lost by disaster
name-replacement-damaged-by-disaster = damaged by disaster

name-punctuality-early = early
name-punctuality-on-time = on time
name-punctuality-late = late

name-ground-prevention-list = On the prevention list
name-ground-irregular-work = Suspected irregular work abroad
name-ground-untrue-statement = Invalid data or untrue statement
name-ground-wrong-type = Wrong type of application
name-ground-papers-not-completed = Papers not completed
name-ground-unlawful-purpose = Unlawful purpose

name-defect-print = print is faulty
name-defect-data = data is wrong
name-defect-chip = chip unreadable
name-defect-book = book is damaged
name-spri-interview = Interview
name-spri-allocation = Allocation
name-spri-printing = Printing
name-spri-issue = Issue

name-exception-missing = Missing
name-exception-bandaged = Bandaged
name-exception-unreadable = Unreadable
name-exception-not-required = Not required

name-device-notifier = Desktop notices
name-device-display = Hall display
name-device-kiosk = Kiosk

name-stage-interview = Capture and interview
name-stage-collection = Collection

name-finger-1 = Right thumb
name-finger-2 = Right index
name-finger-3 = Right middle
name-finger-4 = Right ring
name-finger-5 = Right little
name-finger-6 = Left thumb
name-finger-7 = Left index
name-finger-8 = Left middle
name-finger-9 = Left ring
name-finger-10 = Left little
name-kind-new = New
name-kind-replacement-short = Replacement
name-kind-replacement = Replacement: { $reason }
name-payment-none = No bill yet
name-payment-due = Not paid
name-payment-expired = Bill ran out
name-payment-paid = Paid
name-payment-refunded = Refunded
name-payment-provisional = On evidence, to be confirmed
name-actor-applicant = Applicant
name-actor-bank = Bank
name-actor-node = System
name-author-registry = Headquarters

key-protection-file = the file node.key (whoever holds the disk can read everything)
key-protection-passphrase = a passphrase typed when the server starts
key-protection-credential = a credential from systemd (TPM or the machine's key)
name-review-every = Every interview
name-review-refused = Refused at the counter
name-review-nik-differs = Passed although the NIK differs from birth date or sex
name-review-documents-differ = Passed although an original differs from its upload
name-review-passport-held-before = Passed as a new passport although there was one before
name-review-provisional = Passed while the payment is not confirmed
name-review-parents-incomplete = A child with one parent or none
name-review-work-abroad = Work abroad

# What was done with a ticket
ticket-act-call = the call
ticket-act-recall = the repeated call
ticket-act-start = the start
ticket-act-absent = "not here"
ticket-act-return = the return to the queue
ticket-act-transfer = the transfer
ticket-act-hold = the hold
ticket-act-finish = the finish
