"""Who is notified of what, in which words, and by which mails."""
