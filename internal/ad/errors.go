package ad

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"easbot/internal/eas"
)

// Error is what every call of this package fails with. errors.Is finds the sentinel of package eas that it belongs to.
type Error struct {
	Op     string // what was tried, "read user", "write device lists"
	Server string // URL of the controller; empty when none answered
	// Code is the LDAP result code (RFC 4511 A.1); 0 when the server did not answer.
	Code uint16
	// Retryable says that the same call may succeed later without anybody changing anything.
	Retryable bool
	// Err wraps one of eas.ErrNotFound, eas.ErrAmbiguous, eas.ErrUnavailable and eas.ErrRefused.
	Err error
}

// Error names the operation, the server and the directory's words.
func (e *Error) Error() string {
	if e.Server == "" {
		return fmt.Sprintf("%s: %v", e.Op, e.Err)
	}
	return fmt.Sprintf("%s on %s: %v", e.Op, e.Server, e.Err)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// wrapError wraps an error of the LDAP library or of the network into an Error. Nil stays nil, an Error stays itself.
func wrapError(op, server string, err error) error {
	if err == nil {
		return nil
	}
	var done *Error
	if errors.As(err, &done) {
		return err
	}
	e := &Error{Op: op, Server: server}
	var answer *ldap.Error
	if errors.As(err, &answer) && answer.ResultCode < ldap.ErrorNetwork {
		e.Code = answer.ResultCode
		e.Retryable = isTransient(answer.ResultCode)
		e.Err = fmt.Errorf("%w: %s", sentinelOf(answer.ResultCode), serverWords(answer))
		return e
	}
	for _, kind := range []error{eas.ErrNotFound, eas.ErrAmbiguous, eas.ErrRefused} {
		if errors.Is(err, kind) {
			e.Err = err
			return e
		}
	}
	e.Retryable = true
	e.Err = err
	if !errors.Is(err, eas.ErrUnavailable) {
		e.Err = fmt.Errorf("%w: %w", eas.ErrUnavailable, err)
	}
	return e
}

// sentinelOf says which of eas's errors a result code is.
func sentinelOf(code uint16) error {
	switch {
	case isTransient(code):
		return eas.ErrUnavailable
	case code == ldap.LDAPResultNoSuchObject:
		return eas.ErrNotFound
	default:
		return eas.ErrRefused
	}
}

// isTransient reports whether a result code says that another time, or another controller, may do better.
func isTransient(code uint16) bool {
	switch code {
	case ldap.LDAPResultBusy, ldap.LDAPResultUnavailable, ldap.LDAPResultTimeLimitExceeded, ldap.LDAPResultServerDown,
		ldap.LDAPResultTimeout, ldap.LDAPResultConnectError, ldap.LDAPResultOperationsError,
		ldap.LDAPResultAdminLimitExceeded:
		return true
	default:
		return false
	}
}

// serverWords is the server's own text with the name of the result code.
func serverWords(e *ldap.Error) string {
	name := ldap.LDAPResultCodeMap[e.ResultCode]
	var text string
	if e.Err != nil {
		text = strings.TrimSpace(strings.TrimRight(e.Err.Error(), "\x00"))
	}
	if text == "" {
		return name
	}
	return name + ": " + eas.Clean(text, 300)
}

// isUnanswered reports whether the server did not answer, so that another controller may be asked.
func isUnanswered(err error) bool {
	return err != nil && errors.Is(err, eas.ErrUnavailable)
}

// timeUp turns the end of a context into words for people.
func timeUp(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%w: no answer in time", eas.ErrUnavailable)
	}
	return fmt.Errorf("%w: %w", eas.ErrUnavailable, ctx.Err())
}
