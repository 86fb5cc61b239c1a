# Words used on every page.

language-name = English
app-name = Loket

# $count (Number) - how many people
waiting-count = { $count } waiting
