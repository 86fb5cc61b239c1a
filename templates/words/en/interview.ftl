# Interview.

interview-page-title = Interview
interview-flags = Worth a look
interview-flags-none = Nothing special.
interview-documents-none = Not checked yet
interview-outcome = Outcome of the interview
interview-passed = Passed
interview-passed-hint = Goes on to headquarters for adjudication.
interview-held = Held, documents are missing
interview-held-hint = The application waits until the day you set.
interview-held-until = Waits until
interview-held-documents = Missing documents
interview-refused = Refused
interview-refused-hint = Fees already paid are not returned.
interview-refused-ground = Ground of refusal
interview-notes = Interviewer's notes
interview-notes-hint = Shown in the history and at headquarters. May stay empty when passed.
interview-save = Save the outcome
interview-previous = Earlier outcome
interview-held-shown = Held until { $until }
interview-choose = Choose the outcome of the interview.
interview-choose-ground = Choose the ground of refusal.
interview-choose-date = Enter the date correctly.
interview-capture-open = The biometric capture is not complete.
interview-to-capture = Open the capture
interview-choose-next = Choose passed, held or refused.
interview-choose-ground-next = Choose one ground below Refused.
interview-choose-date-next = Write day, month and year.
interview-choose-documents = Tick the missing documents.
interview-choose-documents-next = Tell the applicant yourself what to bring; no message is sent.
interview-flag-priority = Priority queue: { $ground }
interview-declared = What the applicant declared
interview-uploads = Uploads and originals
interview-upload-none = not uploaded
interview-upload-waits = picture not yet here from headquarters
interview-upload-open = Enlarge { $paper }
interview-original = Original
interview-viewer-close = Close
interview-viewer-turn = Turn
interview-viewer-larger = Larger
interview-viewer-smaller = Smaller
interview-viewer-full = Open in a new tab
interview-questions = Questions and answers
interview-questions-hint = May be left empty. An answer is kept with its question.
interview-others = Other applications with this NIK at this office
interview-others-line = { $number }: { $status }
interview-days-left = { $days ->
    [0] last day
    [one] 1 day left
   *[other] { $days } days left
}
interview-days-over = the last day has passed
interview-waits-review = This outcome waits for a supervisor:
interview-sent-back = Sent back by a supervisor
interview-agreed = Agreed by a supervisor
interview-review-title = Supervisor's second look
interview-review-hint = Whoever captured or interviewed does not decide alone.
interview-review-agree = Agree with the outcome
interview-review-note = Note
interview-review-send-back = Send back to the interviewer
interview-review-reason = Why it is sent back
