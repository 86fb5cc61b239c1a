# The list of applications and the search.

bookings-title = Applications
bookings-all = All
bookings-day = Day
bookings-show-day = Show
bookings-parts = Parts of the list
bookings-found = Results for “{ $text }”
bookings-none-found = Nothing was found
bookings-none-found-hint = Check the spelling or the number. A part of a name is enough, a NIK needs all 16 digits. A new application appears once the line to headquarters is up.
bookings-none = No application in this list.
bookings-back = Back to today's list
bookings-column-slot = Time
bookings-column-name = Name
bookings-column-number = Application number
bookings-column-service = Application
bookings-column-status = State
bookings-column-ticket = Ticket
bookings-not-here-yet = The application has not arrived yet
bookings-conflict = conflict
bookings-received = was received. Scan the next applicant.
bookings-received-open = Open the application
bookings-number-unknown = This number is not known at this office
bookings-proof-valid = The QR is valid: application { $number } is paid and has its appointment at the office { $office }, { $day }.
bookings-line-down = The line to headquarters has been down since { $since }: what was booked later has not arrived here.
bookings-try-name = Search by name or NIK in the box above.
bookings-try-office = Look for the office on their letter; if it is another one, send them there.
bookings-try-walk-in = Register them without a booking if they are entitled to it.
