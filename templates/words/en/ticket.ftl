# The officer's queue page, counters, and the printed ticket.

ticket-page-title = Queue

# The officer's counter
ticket-open-title = Open a counter
ticket-open-hint = Choose your counter's number and the queues it serves. The hall display knows this counter at once.
ticket-counter-number = Counter number
ticket-counter-number-hint = As on the sign above your desk
ticket-classes = Queues it serves
ticket-open-button = Open counter
ticket-close-button = Close counter
ticket-counter = Counter { $counter }
ticket-counters-title = Open counters
ticket-counters-none = No counter is open yet.
ticket-counter-free = ready to call
ticket-counter-called = calling { $number }
ticket-counter-serving = serving { $number }


# State of the counter
ticket-idle-title = Ready to call
ticket-idle-summary = { $count } waiting, longest { $minutes } min
ticket-idle-nobody = Nobody is waiting for this counter.
ticket-called-title = Called
ticket-called-times = { $times ->
    [one] called once
   *[other] called { $times } times
}
ticket-serving-title = Now serving
ticket-called-ago = min since the call
ticket-serving-ago = min at the counter
ticket-note-from = Note from the officer before

# Buttons
ticket-call-next = Call next
ticket-recall = Call again
ticket-start = Start
ticket-absent = Not here
ticket-finish-next = Finish, call next
ticket-finish = Finish
ticket-return = Back to the queue
ticket-return-note = Reason
ticket-transfer = Transfer
ticket-transfer-title = Transfer to another queue
ticket-transfer-class = To queue
ticket-transfer-counter = Only for counter
ticket-transfer-any = Any counter
ticket-transfer-note = Note for the next officer
ticket-transfer-keeps = The ticket number stays the same.
ticket-call-this = Call
ticket-call-back = Call back
ticket-more = Other actions

# Lists
ticket-waiting-title = Waiting
ticket-waiting-nobody = Nobody is waiting.
ticket-absent-title = Not here
ticket-absent-hint = Call back when the applicant shows up.
ticket-column-number = Number
ticket-column-applicant = Applicant
ticket-column-why = Why
ticket-column-wait = Waiting
ticket-column-act = Action
ticket-minutes = min
ticket-why-slot = appointment { $at }
ticket-why-late = appointment { $at }, late
ticket-why-collection = collects a passport
ticket-why-only-counter = counter { $counter } only
ticket-keys-switch = Keyboard shortcuts

# Printed ticket
ticket-print-title = Queue ticket
ticket-print-number = Queue number
ticket-print-ahead = { $count ->
    [0] You are next
    [one] { $count } person before you
   *[other] { $count } people before you
}
ticket-print-where = Please wait in the hall. Your number and counter appear on the display.
ticket-print-order = Numbers are not always called in order.
ticket-print-ready = Have your original documents and this ticket ready.
ticket-print-drawn = Drawn
ticket-print-button = Print ticket
ticket-print-back = Back to the application

# Why this number is next
ticket-next = Next

ticket-class-other = Queue { $letter }
ticket-skipped-restored = This office's server was restored from a backup ({ $at }).
ticket-skipped-damaged = Part of this office's records was damaged ({ $at }).
ticket-skipped-handed-back = Records of this office that its server had lost came back from headquarters ({ $at }).
ticket-skipped-advice = Today's ticket numbers go on from { $from }, so that no number is given out twice. If holders of a smaller number are not on the list, record their arrival again and draw a new number, in the order of the numbers on their paper.

# Pausing, holding, undoing, putting first
ticket-pause = Pause
ticket-pause-title = Pause the counter
ticket-pause-reason = Reason (may be empty)
ticket-resume = Resume
ticket-counter-paused = pausing
ticket-paused-title = The counter is pausing
ticket-paused-since = for { $minutes } min
ticket-hold = Hold
ticket-hold-title = Put on hold
ticket-hold-hint = The number leaves the calls without losing its turn.
ticket-hold-reason = Reason
ticket-hold-minutes = Call again after
ticket-hold-by-hand = When an officer calls it
ticket-hold-for = { $minutes } minutes
ticket-held-title = On hold
ticket-held-until = until { $at }
ticket-undo = Undo { $act } of { $ticket }
ticket-first = Put first
ticket-first-title = Put first
ticket-first-hint = Moves to the priority queue. The ticket's number stays.
ticket-first-note = Reason, for example elderly or pregnant
ticket-absent-returns = Comes back by itself after { $calls } other calls or { $minutes } minutes.
ticket-absent-returns-minutes = Comes back by itself after { $minutes } minutes.
ticket-absent-returns-calls = Comes back by itself after { $calls } other calls.

# Waits
ticket-waits-title = Waits today
ticket-waits-class = Queue
ticket-waits-now = Waiting
ticket-waits-usual = Usually
ticket-waits-expected = If you come now
ticket-waits-unknown = none yet
ticket-waits-about = ± { $minutes } min

# Why a ticket stands where it stands
ticket-column-turn = Turn
ticket-turn-share = share of { $name }: at least every { $every }th call
ticket-turn-for-this-counter = sent to this very counter
ticket-turn-back-from-hold = back from hold, keeps its turn
ticket-turn-back-from-absence = was not here, gets another turn
ticket-turn-due = the window has begun, drawn at { $at }
ticket-turn-no-slot = no appointment, drawn at { $at }
ticket-turn-early = the window at { $from } has not begun, called after the others
ticket-turn-elsewhere = not a queue of this counter
ticket-turn-later = a later turn

# The ticket printer
ticket-printer-again = Print again on the ticket printer
ticket-printer-silent = The ticket printer has not answered since { $since }.
ticket-printer-paper = The ticket printer has had no paper since { $since }.
ticket-printer-meanwhile = Show this number to the applicant; the ticket prints by itself once the printer is back.
