# The page of one application.

application-next = Next step
application-appointment = Appointment
application-channel = Channel
application-ticket = Ticket
application-print = Print the ticket
application-print-number = Print ticket { $ticket }
application-to-queue = Finish in the queue
application-documents-again = Change the document check
application-find = Next applicant
application-person = Applicant
application-guardians = Companions
application-journey = Journey
application-contact = Contact
application-money = Payment
application-nik = NIK
application-born = Born
application-age = Age
application-years = { $years ->
    [one] { $years } year
   *[other] { $years } years
}
application-sex = Sex
application-civil = Civil status
application-occupation = Occupation
application-address = Address
application-purpose = Purpose
application-destination = Destination
application-old-passport = Old passport
application-email = E-mail
application-phone = Phone
application-amount = Amount
application-code = Billing code
application-due = Valid until
application-ntpn = NTPN
application-paid-at = Paid
application-arrive = Enter the arrival
application-arrive-hint = Paid. Compare the face with the identity card, then enter the arrival.
application-note = Note
application-other-day-reason = Why they are served today
application-other-day-act = Enter the arrival out of turn
application-admit = Admit on evidence of payment
application-admit-hint = For applicants who have paid but are not on record. Served provisionally until headquarters confirms.
application-admit-evidence = NTPN on the bank's receipt (BPN), or scan the QR proof of payment
application-admit-evidence-hint = An NTPN has 16 letters and digits
application-admit-act = Admit the applicant
application-documents = Check the original documents
application-documents-hint = Compare the originals with the uploads.
application-documents-note = Note
application-documents-required = required
application-documents-extra = extra
application-documents-open = Open
application-documents-all = All agree, give a ticket
application-documents-some = Save the check
application-documents-ticket = give a ticket if complete
application-issue = Give a ticket
application-issue-collection = Give a ticket for collection
application-capture = Biometric capture
application-interview = Interview
application-book = Passport book
application-withdraw = Take the arrival back
application-withdraw-hint = Only if it was entered by mistake.
application-withdraw-reason = Reason
application-waits-decision = Waiting for the decision of headquarters. There is nothing to do here.
application-waits-done = The passport was handed over. The application is finished.
application-waits-closed = This application is closed.
application-waits-call = Waiting to be called from the page Queue.
application-waits-others = There is no step for your role at the moment.
application-history = History
application-history-has = at headquarters
application-history-has-not = not sent yet
application-history-views = { $count ->
    [one] Opened by officers once
   *[other] Opened by officers { $count } times
}
application-done-arrived = The arrival is entered.
application-done-documents = The document check is saved.
application-done-ticket = Ticket { $ticket }. Print it and give it to the applicant.
application-done-withdrawn = The arrival was taken back.
application-done-yielded = This office's visit was given up; the other office goes on.
application-yield = Give up this office's visit
application-yield-hint = When the other office goes on. What was recorded here is kept.
application-yield-reason = Reason
application-not-checked = Not every required document was checked
application-not-checked-next = Mark every required document: agrees, differs, or not brought.
application-flags = Look at this
