# The hall display.

display-title = Queue calls
display-counter = Counter
display-calls = Latest calls
display-none = No calls yet
display-missed = Not here, please see an officer
display-number = Number
display-notices = Notices
display-waits = Queues that wait
display-waiting = waiting, longest
display-minutes = min
display-sound-off = Sound off – tap to turn on
display-order = Numbers are not always called in order
display-lost = Display not connected
display-lost-what = The numbers shown may be out of date. Please ask an officer.
