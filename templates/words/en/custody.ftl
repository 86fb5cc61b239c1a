# Many books at once, the register of hand-overs, and passports nobody collected.

batch-title = Scan in a row
batch-step = Step
batch-print = Printed
batch-check = Passed the quality check
batch-ready = Stored, ready to collect
batch-shelf-hint = Only for books that are stored: shelf and drawer, the same for all that are scanned
batch-scans = Book numbers
batch-scans-hint = Scan one after the other; each number is a line. If a book is known from a report of SPRI only, scan the application's number first, then the book. A faulty book is noted on its own page.
batch-scan = Scan
batch-button = Note all
batch-done = { $count ->
    [one] { $count } book noted.
   *[other] { $count } books noted.
}
batch-refused = { $count ->
    [one] { $count } book was not noted; the others were.
   *[other] { $count } books were not noted; the others were.
}
batch-refused-next = The reasons stand below. Put it right and send again.
batch-refused-title = Not noted
batch-not-a-book = “{ $line }” is no book number, or an application's number without its book.
batch-not-a-book-next = Nothing was noted. Remove that line or scan it again.
batch-empty = Nothing was scanned.
batch-empty-next = Scan one book at least.
batch-too-many = More than { $most } books at once.
batch-too-many-next = Send some of them first.
batch-choose = Choose the step.
batch-choose-next = Choose one, then send again.

register-title = Register of hand-overs
register-show = Show
register-print = Print
register-download = Download (CSV)
register-none = No passport was handed over on this day.
register-count = { $count ->
    [one] { $count } hand-over
   *[other] { $count } hand-overs
}
register-time = Time
register-collector = Collected by
register-papers = Remarks
register-officer = Officer
register-signature = Signature

uncollected-title = Not collected
uncollected-rule = A passport may be cancelled when it is not collected within { $days } days of its issue.
uncollected-over = Past the limit
uncollected-waiting = Still waiting
uncollected-until = Collect by
uncollected-remind = remind
uncollected-tick = Choose
uncollected-cancel = Cancel the chosen books
uncollected-reason-hint = The same for all that are chosen. It cannot be taken back.
uncollected-choose = No book was chosen.
uncollected-choose-next = Tick the books to cancel, then send again.
