staff-nav-decisions = Decisions
staff-nav-bookings = Applications
staff-nav-payments = Payments
staff-nav-offices = Offices

staff-login-title = Sign in to headquarters
staff-login-name = Login name
staff-login-password = Password
staff-login-submit = Sign in
staff-login-wrong = Login name or password is wrong, or the account is locked for a while.
staff-login-wrong-next = Check both. After five wrong passwords the account is locked for a short time.

staff-decisions-title = Waiting for a decision
staff-decisions-none = No application is waiting for a decision.
staff-decisions-number = Application number
staff-decisions-name = Name
staff-decisions-office = Office
staff-decisions-service = Application
staff-decisions-slot = Appointment
staff-decisions-status = Status

staff-application-applicant = Applicant
staff-application-born = Born
staff-application-nik = NIK
staff-application-sex = Sex
staff-application-civil = Civil status
staff-application-portrait = Portrait
staff-application-capture = Portrait, fingerprints and signature
staff-application-fingers = Fingerprints
staff-application-signature = Signature
staff-application-not-here = The picture has not arrived from the office yet.
staff-application-none = None yet.
staff-application-unsigned = Cannot sign
staff-application-quality = quality { $quality }
staff-application-round = Capture no. { $round }
staff-application-interview = Interview
staff-application-passed = Passed
staff-application-held = Held until { $day }
staff-application-refused-at-counter = Refused at the counter
staff-application-documents = Documents
staff-application-payment = Payment
staff-application-proof = Signed proof of payment
staff-application-proof-hint = An office can verify this QR code without a line.
staff-application-history = History
staff-application-decide = Decision
staff-application-approve = Approve
staff-application-refuse = Refuse
staff-application-note = Note (may be empty)
staff-application-reason = Reason for the refusal, to be read by the applicant
staff-application-decided-approved = This application has been approved.
staff-application-decided-refused = This application has been refused: { $reason }
staff-application-cannot-decide = Cannot be decided yet: capture, interview and payment must be complete.

staff-bookings-title = Applications
staff-bookings-office = Office
staff-bookings-day = Day
staff-bookings-search = Show
staff-bookings-find = Application number or NIK
staff-bookings-none = No applications.
staff-bookings-not-found = Not found.
staff-bookings-count = { $count ->
    [one] { $count } application
   *[other] { $count } applications
}

staff-payments-title = Payments
staff-payments-list = To be settled
staff-payments-list-none = No payment needs to be settled.
staff-payments-latest = Latest
staff-payments-none = No payments yet.
staff-payments-ntpn = NTPN
staff-payments-code = Billing code
staff-payments-amount = Amount
staff-payments-received = Received
staff-payments-state = State
staff-payments-act = Act
staff-payments-settle = Mark as settled
staff-payments-settle-reason = How it was settled
staff-payments-refund = Give back
staff-payments-reason = Reason for giving it back
staff-payments-open = Open the application
staff-payment-settled = Settled by { $by }: { $reason }
staff-payment-given-back = Given back by { $by }: { $reason }
staff-payment-counted = Counted
staff-payment-reinstated = Late, the appointment stands again
staff-payment-late-no-room = Late, the interval is full: a new date or a refund is needed
staff-payment-again = Paid twice
staff-payment-after-cancel = Paid after it was cancelled
staff-payment-ntpn-reused = NTPN already used for another bill
staff-payment-amount-differs = The sum is not the bill's
staff-payment-unknown-bill = Unknown billing code

staff-offices-title = Offices
staff-offices-name = Name
staff-offices-code = Code
staff-offices-zone = Time zone
staff-offices-contact = Last contact
staff-offices-never = Never
staff-offices-software = Software
staff-offices-state = State
staff-offices-enrolled = Enrolled
staff-offices-not-enrolled = Not enrolled
staff-offices-clock-differs = Its clock differs by { $by }
staff-offices-open-code = Make an enrolment code
staff-offices-code-title = Enrolment code
staff-offices-code-once = This code is shown only once. Type it at that office; it holds until
staff-offices-code-command = On the office's machine, with its folder and headquarters' address:
staff-offices-code-open = Code open until
staff-offices-add = Add an office
staff-offices-add-submit = Add
staff-offices-add-wrong = The code has only lower case letters, digits and hyphens; the name must not be empty.
staff-offices-add-wrong-next = Correct the fields and send them again.
staff-offices-none = No offices yet.

applicant-title = Status of a passport application
applicant-number = Application number (16 digits)
applicant-born = Date of birth
applicant-show = Show the status
applicant-not-found = There is no application with this number and date of birth.
applicant-not-found-next = Check both fields.
applicant-status = Status
applicant-office = Office
applicant-slot = Appointment
applicant-pay-until = Pay before
applicant-code = Billing code
applicant-staff = Staff sign-in

mail-greeting = Dear passport applicant,
mail-number = Application number
mail-ready-subject = Your passport is ready
mail-ready-text = Your passport is ready to be collected at { $office }. Bring your proof of payment and identity card. A passport that is not collected within { $days } days may be cancelled.
mail-approved-subject = Your passport application was approved
mail-approved-text = Your application was approved. { $office } will print your passport; we shall tell you when it is ready.
mail-refused-subject = Your passport application was refused
mail-refused-text = Your application was refused for this reason: { $reason }
mail-closing = This message was sent automatically; please do not reply.

staff-application-move = Move the appointment
staff-application-move-to = New appointment
staff-application-move-reason = Reason
staff-application-move-submit = Move
staff-application-move-none = No interval has room.
staff-application-cancel = Cancel the application
staff-no-room = That interval is full.
staff-no-room-next = Choose another one.
staff-done-decided = The decision is on record and will reach the office.
staff-done-moved = The appointment was moved.
staff-done-cancelled = The application was cancelled.
staff-done-settled = The payment is marked as settled.
staff-done-refunded = The refund is on record.

staff-nav-conflicts = Conflicts
staff-nav-officers = Officers

staff-decisions-waiting = { $count ->
    [one] { $count } application, since { $oldest }
   *[other] { $count } applications, the oldest since { $oldest }
}

staff-conflicts-payments = { $count ->
    [one] { $count } payment needs to be settled.
   *[other] { $count } payments need to be settled.
}
staff-conflicts-payments-open = Open the list of payments
staff-conflicts-settle = Settle

staff-choose-title = Whose visit holds?
staff-choose-lead = The applicant was served at two offices. Choose the visit that holds; the other one is suspended.
staff-choose-offices = The visit that holds
staff-choose-holds = holds meanwhile
staff-choose-booked = booked here
staff-choose-arrived = arrived { $when }
staff-choose-captured = portrait and fingerprints complete { $when }
staff-choose-interviewed = interviewed { $when }
staff-choose-book = a passport book is set aside
staff-choose-reason = Reason
staff-choose-submit = Let this visit hold
staff-choose-missing = Choose one of the visits
staff-done-chosen = It is settled whose visit holds.

staff-officers-you = you
staff-officers-taken = That user name is taken
staff-officers-oneself = You cannot disable yourself
staff-officers-changes = Latest changes

## Erasing personal data
staff-nav-erasures = Erasing data
staff-erasures-title = Erasing personal data
staff-erasures-lead = An applicant's data are erased when the retention period is over or at their request (Law 27/2022, articles 42–44): one person proposes, another one erases. Only number, money and counts are left.
staff-erasures-backups = Backups and bundles made before an erasure still hold the person's data. The last backup of this headquarters server: { $at }. An office's last one stands on its Sync page. After erasing, make new backups, and destroy all older ones within 35 days.
staff-erasures-backups-none = Backups and bundles made before an erasure still hold the person's data. This headquarters server has no backup on record. An office's last one stands on its Sync page. After erasing, destroy all older ones within 35 days.
staff-erasures-proposed = Waiting for a second person
staff-erasures-proposed-none = Nothing is proposed.
staff-erasures-choose = Choose
staff-erasures-number = Application number
staff-erasures-name = Name
staff-erasures-office = Office
staff-erasures-basis = Legal basis
staff-erasures-basis-hint = For example the number of the applicant's letter.
staff-erasures-basis-retention = Archive retention schedule
staff-erasures-by = Proposed by
staff-erasures-own = Yours: somebody else erases
staff-erasures-why-retention = Retention period over
staff-erasures-why-request = Applicant's request
staff-erasures-sure = I have checked: what is erased cannot be brought back
staff-erasures-not-sure = First tick that you have checked
staff-erasures-not-sure-next = What is erased cannot be brought back, neither here nor in the offices.
staff-erasures-erase = Erase for ever
staff-erasures-withdraw = Withdraw the proposal
staff-erasures-due = Retention period over
staff-erasures-due-lead = Kept { $months } after the application was closed: those closed until { $until }.
staff-erasures-due-none = Nobody is due.
staff-erasures-closed = Closed
staff-erasures-propose = Propose to erase
staff-erasures-request = Applicant's request
staff-erasures-request-lead = The applicant asks for their data to be erased.
staff-erasures-held = Legal holds
staff-erasures-held-lead = While a hold stands, the data cannot be erased.
staff-erasures-hold-reason = Order or case
staff-erasures-hold = Hold
staff-erasures-lift = Lift
staff-erasures-retention = Retention
staff-erasures-retention-lead = While no other rule is set, 36 months (archive retention schedule).
staff-erasures-from = Valid from
staff-erasures-months-label = Months after the application was closed
staff-erasures-months = { $count ->
    [one] { $count } month
   *[other] { $count } months
}
staff-erasures-set = Set
staff-erasures-wrong-rule = The retention rule cannot be read
staff-erasures-wrong-rule-next = Give the first day and a number of months between 1 and 1200.
staff-erasures-no-number = No application is chosen, or the number is not known
staff-erasures-no-number-next = Tick one in the list, or type the 16 digits.
staff-erasures-done-proposed = { $count ->
    [one] One application is proposed; somebody else erases it.
   *[other] { $count } applications are proposed; somebody else erases them.
}
staff-erasures-done-erased = { $count ->
    [one] The data of one application are erased. The offices erase them at their next contact.
   *[other] The data of { $count } applications are erased. The offices erase them at their next contact.
}
staff-erasures-done-withdrawn = The proposal is withdrawn.
staff-erasures-done-held = The data are held.
staff-erasures-done-lifted = The hold is lifted.
staff-erasures-done-retention = The retention is set.
staff-erased-title = The applicant's data were erased
staff-erased-left = What is left
staff-erased-ended = Where it stood
staff-erased-closed = Closed
staff-erased-book = Book
staff-officers-key = Protection of the server's key
staff-done-prevention = The entry on the prevention list is kept and will reach the office.
staff-prevention-title = Prevention list
staff-prevention-none = The applicant is not on the prevention list.
staff-prevention-hint = While this stands no office can pass the interview and no passport is handed over.
staff-prevention-report = Enter on the prevention list
staff-prevention-order = Number of the order
staff-prevention-note = Note for the counter
staff-prevention-clear = Take the entry back
staff-prevention-why = Why it is taken back
