# The hall display.

display-title = Queue calls
display-counter = Counter
display-calls = Latest calls
display-none = No calls yet
display-missed = Not here, please see an officer
display-waiting = { $count } waiting
display-order = Numbers are not always called in order
display-lost = Display not connected
display-lost-what = The numbers shown may be out of date. Please ask an officer.
