# The book: from the blank to the hand that takes it.

book-page-title = Passport book
book-steps = Steps of the book
book-step-allocate = Allocate
book-step-print = Print
book-step-check = Quality check
book-step-ready = Ready
book-step-hand-over = Handed over
book-number = Book number
book-number-hint = Scan or type the blank's number, for example X1234567
book-allocate-title = Allocate a blank
book-allocate-button = Allocate
book-print-title = Print the passport
book-print-hint = Scan the book that left the printer.
book-print-button = Printed
book-check-title = Quality check
book-check-hint = Look at print, data and chip.
book-check-good = Good
book-defect = Defect
book-check-button = Save the result
book-defective-title = Defective book, a new blank is needed
book-ready-title = Store it and tell the applicant
book-ready-hint = The applicant is told by e-mail as soon as headquarters has this record.
book-shelf = Where it lies
book-shelf-hint = Shelf and drawer, for example B-12
book-ready-button = Passport ready
book-hand-title = Hand over the passport
book-hand-where = Take it from { $shelf }.
book-hand-scan = Scan the passport you hand over
book-collector = Who collects it
book-collector-self = The applicant
book-collector-self-papers = Proof of payment and identity card
book-collector-family = Family on the same family card
book-collector-family-papers = Proof of payment, copy of the family card, and identity card
book-collector-proxy = Somebody else with a power of attorney
book-collector-proxy-papers = Proof of payment, stamped power of attorney, and identity card
book-collector-name = Collector's name
book-collector-identity = Identity number
book-collector-authority = Number or date of the power of attorney
book-papers-seen = I have seen the papers named above
book-papers-needed = Tick that the papers were seen.
book-hand-button = Hand over
book-handed-title = Passport handed over
book-cancelled-title = Book cancelled
book-cancel = Cancel this book
book-cancel-hint = A printing error, for example, or not collected in time. It cannot be taken back.
book-cancel-reason = Why it is cancelled
book-waits-decision = Waiting for headquarters. A blank is allocated after approval.
book-refused-decision = The application was refused; there is no book.
book-number-wrong = A book number has one or two letters and six or seven digits.
book-choose-check = Choose the result of the quality check.
book-choose-collector = Choose who collects it.
book-ready-days = { $days ->
    [one] { $days } day in the safe
   *[other] { $days } days in the safe
}
book-defective-what = { $book }: { $defect }

# List of books
book-list-title = Passports
book-list-find = Scan a passport or type its number
book-list-find-button = Find
book-list-allocate = Approved, waiting for a blank
book-list-work = In the works
book-list-ready = Ready to be collected
book-list-nothing = None.
book-list-unknown = This book is not known at this office.
book-list-unknown-next = Check the number, or look for the applicant's name on the Applications page.
book-list-column-book = Book
book-list-column-applicant = Applicant
book-list-column-status = Step
book-list-column-since = Ready since
book-choose-check-next = Choose Good or one of the defects, then save.
book-choose-collector-next = Choose one, then hand over.
book-papers-needed-next = A passport is handed over only after the papers were seen.
book-number-wrong-next = Scan again or type it as printed, for example X1234567.

# The machine-readable zone
book-zone = Machine-readable zone
book-zone-hint = Compare both lines, letter by letter, with the printed data page.
book-zone-none = Nothing of this name can be written in the letters A–Z; settle the machine-readable zone with headquarters.
