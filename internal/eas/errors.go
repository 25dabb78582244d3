package eas

import "errors"

// Errors that callers branch on, whichever adapter they came from. Adapters wrap them with what happened.
var (
	// ErrNotFound: the directory has no such object (any more), or does not show it to this account.
	ErrNotFound = errors.New("not found in the directory")
	// ErrAmbiguous: more than one object answers to the name; nobody guesses which was meant.
	ErrAmbiguous = errors.New("more than one match in the directory")
	// ErrUnavailable: the server could not be reached or did not answer in time; trying again may help.
	ErrUnavailable = errors.New("unavailable")
	// ErrRefused: the server answered and said no (insufficient rights, constraint); trying again will not help.
	ErrRefused = errors.New("refused")
)
