# Notices on an officer's desktop. Numbers only, never a name.

notice-ready = Passport ready for collection
notice-ready-body = Application { $number }
notice-ready-book-body = Application { $number }, passport { $book }
notice-line-down = No line to headquarters
notice-line-down-body = Service goes on. Everything is kept in this office and sent when the line is back.
notice-line-up = Line to headquarters is back
notice-line-up-body = What has not been sent is on its way.
notice-conflict = A supervisor should look
notice-conflict-body = Office and headquarters do not agree: application { $number }
