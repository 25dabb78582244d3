package diag

import (
	"errors"
	"slices"

	"easbot/internal/eas"
)

// readOr returns a value that a step rests on, or ifAbsent when the directory holds none. ok is false when the account
// may not read it, which is noted then: it decides nothing. could is the worst verdict that its content may lead to.
func readOr[T any](d *diagnosis, v eas.Value[T], ifAbsent T, could Verdict) (value T, ok bool) {
	value, hidden := v.Or(ifAbsent)
	if hidden != nil {
		d.noteHidden(hidden, could)
	}
	return value, hidden == nil
}

// noteHidden notes a value that could not be read. could is the worst verdict that its content may lead to.
func (d *diagnosis) noteHidden(h *eas.Hidden, could Verdict) { d.noteUnread(h.What(), h, could) }

// noteUnread notes a source that was not read. could is the worst verdict that its content may lead to.
func (d *diagnosis) noteUnread(from string, err error, could Verdict) {
	u := Unread{Source: eas.Clean(from, 300), Error: eas.Clean(err.Error(), 600)}
	var h *eas.Hidden
	if errors.As(err, &h) {
		u.Source = eas.Clean(h.What(), 300)
		u.Object, u.Attribute = eas.Clean(h.Object, 1000), h.Attribute
		u.Right, u.Grant = string(h.Right), eas.Clean(h.Grant, 1000)
	}
	if u.Source == "" {
		u.Source = "directory"
	}
	if !slices.Contains(d.unread, u) {
		d.unread = append(d.unread, u)
	}
	if isWorse(could, d.worstHidden) {
		d.worstHidden = could
	}
}
