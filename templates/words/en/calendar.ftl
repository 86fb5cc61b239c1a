# The office's calendar, and by when passports are due.

calendar-title = Office calendar
calendar-intro = Deadlines count by the working days below.
calendar-example = A passport whose interview is today is due by { $day } ({ $days } working days).
calendar-days = Days that differ from the week
calendar-none = No public holidays are set. Without them deadlines fall too early.
calendar-day = Date
calendar-what = What it is
calendar-holiday = Holiday
calendar-extra = Worked all the same
calendar-past = over
calendar-take-back = Remove
calendar-week = Working days of the week
calendar-week-change = Change
calendar-week-empty = This calendar cannot be kept.
calendar-week-empty-next = Choose at least one working day; if there are very many dates, remove those that are not needed.
calendar-add = Add a day
calendar-save = Save
calendar-choose = Choose holiday or worked.
calendar-choose-next = Choose one, then save.

due-title = Due passports
due-rule = A passport is due { $days } working days after the interview; not for a lost or damaged one.
due-overdue = Overdue
due-today = Due today
due-coming = Coming up
due-late = { $days ->
    [one] { $days } day late
   *[other] { $days } days late
}
due-column-day = Due
due-column-interview = Interview
due-more = and { $count } more.
