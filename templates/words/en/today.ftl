# The office's first page.

today-title = Today
today-expected = Not here yet
today-arrived = Arrived
today-waiting = Waiting to be called
today-serving = Being served
today-done = Served
today-held = Held
today-unpaid = Not paid
today-search-label = Scan a code or type an application number, a name or a NIK
today-search = Search
today-slots = By appointment
today-slot = Time
today-booked = Booked
today-came = Came
today-missing = Not here yet
today-now = now
today-nobody = Nobody is booked today. If somebody should be, see the page Sync.
today-ready = Passports ready to collect
today-overdue = Overdue passports
today-due = Passports due today
today-low-stock = Blanks running low
today-attention = Needs attention
today-backup-due = Backup due; last one: { $last }
today-conflicts = Conflicts
today-nothing = Nothing.
today-review = Waiting for a supervisor
