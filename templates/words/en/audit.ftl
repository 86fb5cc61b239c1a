# The trail: who did what.

audit-title = Trail
audit-lead = Everything that was done at this office on the day, and who opened whose application.
audit-when = Time
audit-who = Who
audit-what = What
audit-application = Application
audit-headquarters = At headquarters
audit-none = Nothing was done on this day.
audit-count = { $count ->
    [one] { $count } act
   *[other] { $count } acts
}
audit-cut = Only the last { $count } acts are shown.
audit-erased = { $count } more are about applicants whose data were erased
