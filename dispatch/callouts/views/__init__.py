"""Pages of a call-out: the console, its dialogs and their actions, and the volunteer's link."""
