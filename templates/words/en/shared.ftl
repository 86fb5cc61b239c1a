# Words used on every page.

language-name = English
app-name = Loket
skip-to-content = Skip to the content
switch-language = Indonesia
sign-out = Sign out
navigation-label = Main menu
choose = Choose …
save = Save
cancel = Cancel
back = Back
yes = Yes
no = No
none = –
optional = optional
fault-title = This cannot go on yet


age-moment = less than a minute
age-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
age-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
age-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}

line-up = Connected to headquarters since { $since }
line-down = The line to headquarters is down since { $since }. Service goes on.
line-paused = Sending to headquarters is paused
line-starting = Calling headquarters …
line-not-enrolled = This office is not tied to headquarters yet
line-unsent = { $count ->
    [one] { $count } act waits to be sent, { $age } old
   *[other] { $count } acts wait to be sent, the oldest { $age } old
}
line-all-sent = Headquarters has every act
alarm-title = Nothing can be saved
alarm-full = The disk of this server is full, so nothing can be saved. Everything can be read. Call the technician to make room; it then goes on by itself.
tables-wait-title = One moment, please
tables-wait-opening = The office's tables are being opened.
tables-wait-drawing = The office's tables are being drawn anew from its records: { $done } of { $of }. Nothing is lost.
tables-wait-no-room = The disk of this server is full, and the office's tables need room to be opened. Nothing is lost. Call the technician to make room.
tables-wait-failed = The office's tables cannot be opened. Call the technician: “loket check” on the server says what is wrong.
tables-wait-next = This page goes on by itself.
alarm-read-only = The storage of this server has failed, so nothing is saved any more. What was saved before can still be read. Call the technician now; go on with paper forms.

nav-today = Today
nav-bookings = Applications
nav-tickets = Queue
nav-books = Passports
nav-conflicts = Conflicts
nav-sync = Sync
nav-audit = Trail
nav-officers = Officers
nav-boards = Screens
nav-settings = Settings

problem-sign-in = Your session has ended
problem-sign-in-next = What you just sent was not saved. Sign in again and repeat it.
problem-not-allowed = This page is not for your role
problem-not-allowed-next = Ask a supervisor, or sign in with another account.
problem-no-page = There is no such page
problem-no-page-next = Check the address, or go back to the first page.
problem-not-found = { $what } is not known at this office
problem-not-found-next = Check the number. If it is right, the application may be booked at another office, or may not have arrived from headquarters yet: see the page Sync.
problem-wrong-method = This address cannot be opened directly
problem-wrong-method-next = Go back to the page before and use its buttons.
problem-foreign-form = This form is no longer valid
problem-foreign-form-next = It was opened before you signed in, or sent from another site. Nothing was changed. Open the page again and repeat it.
problem-unreadable-form = The form cannot be read
problem-unreadable-form-next = Nothing was changed. Open the page again and repeat it.
problem-too-large = Too much was sent
problem-too-large-next = Nothing was saved. A photo may have { $megabytes } MB at most, a note { $letters } characters.
problem-read-only = Nothing can be saved at the moment
problem-read-only-next = Nothing was changed. Call the technician and quote the number below.
problem-no-room-next = Nothing was changed. Call the technician to make room, then go back to the page before and send it again. Everything can be read meanwhile.
problem-storage-failed-next = Call the technician now. Once the server has recovered, look first whether this is on record; go back to the page before and send it again only if it is not.
alarm-unreadable = The storage of this server has failed: nothing can be read, and nothing is saved. Signing in again does not help. Call the technician now.
problem-unreadable = This cannot be read at the moment
problem-unreadable-next = The storage of the server has failed. Nothing was changed. Call the technician now and quote the number below; other pages may still open.
problem-internal = Sorry, something went wrong inside
problem-internal-next = Nothing was changed. Please try again. If it happens again, call the technician and quote the number below.
problem-request = Event number
problem-home = To the first page
problem-login = Sign in
line-label = Line to headquarters
