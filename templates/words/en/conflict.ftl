# When two accounts do not agree.

conflict-page-title = Conflicts
conflict-lead = What the office and headquarters know about these applications does not agree. Both are kept; what holds meanwhile stands beside it.
conflict-none = Everything agrees.
conflict-none-hint = This page fills by itself when headquarters and office differ.
conflict-column-application = Application
conflict-column-what = What does not agree
conflict-column-holds = What holds meanwhile
conflict-count = { $count ->
    [one] { $count } application
   *[other] { $count } applications
}
conflict-arrived-after-change = Rescheduled or cancelled at headquarters, but the applicant has arrived at the office
conflict-arrived-after-change-holds = The arrival holds and the old slot is freed; the office tells the applicant
conflict-served-twice = Served at two offices
conflict-served-twice-holds = The visit at { $office } holds; no book becomes ready until the supervisor of one office gives its visit up, or headquarters chooses
conflict-provisional = Served on evidence of payment, not yet confirmed by headquarters
conflict-provisional-holds = Service goes on; the decision waits for the payment
conflict-evidence-differs = The NTPN shown differs from the payment on record
conflict-evidence-differs-holds = The payment on record holds; look at the evidence again
conflict-paid-late = Paid after the bill had run out
conflict-paid-late-holds = Valid again if the slot has room; else a new date or a refund
conflict-paid-twice = Paid more than once
conflict-paid-twice-holds = The first payment holds; the others are on the reconciliation list
conflict-decision-on-old-capture = Headquarters decided on a capture that has been redone
conflict-decision-on-old-capture-holds = The new capture holds; the decision is asked again
conflict-handed-over-and-cancelled = Handed over, and yet cancelled by headquarters
conflict-handed-over-and-cancelled-holds = Both stand; tell the supervisor and headquarters at once
conflict-issued-and-refused = Refused, and yet a report of SPRI names a book
conflict-issued-and-refused-holds = The refusal holds; keep the book and ask headquarters at once
conflict-urgent = Urgent
conflict-settle = Settle it
