package ad

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/go-ldap/ldap/v3"

	"easbot/approvals"
	"easbot/internal/eas"
)

// Apply makes exactly the change that Set-CASMailbox makes for one device id: it enters one list of the mailbox and
// leaves the other, and the device object shows the new state. The lists decide; the state is what Exchange displays,
// so a refused write of it is not an error: Applied.StateRefused has the directory's words.
//
// Lists are changed value by value, never replaced. Afterwards everything is read back from the same controller. Apply
// is safe to repeat: when a controller did not answer, what it shows now is read before anything is written again.
func (d *Directory) Apply(ctx context.Context, c approvals.Change) (approvals.Applied, error) {
	var done approvals.Applied
	var before *approvals.Values // as the first attempt found them
	err := d.withSession(ctx, "write device lists", "", func(ctx context.Context, s *session) error {
		p, err := d.readMailboxAndDevice(ctx, s, c.MailboxGUID, c.DeviceGUID)
		if err != nil {
			return err
		}
		if err := checkSameDevice(c, p); err != nil {
			return err
		}
		was, err := p.valuesOf(c.DeviceID) // nothing is written where the outcome could not be seen
		if err != nil {
			return err
		}
		if before == nil {
			before = &was
		}
		want, err := valuesToWrite(c, was)
		if err != nil {
			return err
		}
		done = approvals.Applied{Server: s.url, Before: *before}
		if err := s.writeLists(ctx, p, c.DeviceID, want); err != nil {
			return err
		}
		if done.StateRefused, err = s.writeState(ctx, p, want); err != nil {
			return err
		}
		return d.readBack(ctx, s, c, want, &done)
	})
	if err != nil {
		return approvals.Applied{}, err
	}
	done.At = d.opt.Now()
	return done, nil
}

// checkSameDevice checks that the device is still the one that was decided about. An undo may go on when the device is
// gone.
func checkSameDevice(c approvals.Change, p mailboxAndDevice) error {
	switch {
	case c.DeviceID == "":
		return fmt.Errorf("%w: the device has no id", eas.ErrNotFound)
	case p.device == nil && c.Restore == nil:
		return fmt.Errorf("device: %w", eas.ErrNotFound)
	case p.device != nil && len(storedSpellings([]string{p.device.ID}, c.DeviceID)) == 0:
		return fmt.Errorf("device: %w: it has another id now", eas.ErrNotFound)
	}
	return nil
}

// valuesToWrite says what shall be true afterwards.
func valuesToWrite(c approvals.Change, was approvals.Values) (approvals.Values, error) {
	switch {
	case c.Restore != nil:
		return *c.Restore, nil
	case c.Verb == approvals.Allow:
		return approvals.Values{InAllowed: true, State: eas.StateAllowed, Reason: eas.ReasonIndividual,
			StateKnown: true}, nil
	case c.Verb == approvals.Block:
		return approvals.Values{InBlocked: true, State: eas.StateBlocked, Reason: eas.ReasonIndividual,
			StateKnown: true}, nil
	default:
		return was, fmt.Errorf("%w: the verb %q writes nothing", eas.ErrRefused, c.Verb)
	}
}

// permissiveModify makes adding a value that is there, and removing one that is not, a success (MS-ADTS 3.1.1.3.4.1.8).
func permissiveModify() []ldap.Control {
	return []ldap.Control{ldap.NewControlString(ldap.ControlTypeMicrosoftPermissiveModify, true, "")}
}

// writeLists changes both lists in one request, which takes effect as a whole or not at all.
func (s *session) writeLists(ctx context.Context, p mailboxAndDevice, id string, want approvals.Values) error {
	req := ldap.NewModifyRequest(p.mailbox.DN, permissiveModify())
	list := func(attr string, have []string, in bool) {
		stored := storedSpellings(have, id)
		switch {
		case in && len(stored) == 0:
			req.Add(attr, []string{id})
		case !in:
			for _, v := range stored { // in whatever case it was entered
				req.Delete(attr, []string{v})
			}
		}
	}
	list(attrBlocked, p.mailbox.BlockedIDs.Shown(), want.InBlocked)
	list(attrAllowed, p.mailbox.AllowedIDs.Shown(), want.InAllowed)
	return s.sendModify(ctx, req)
}

// writeState sets what the device object shows. refused holds the directory's words when it said no.
func (s *session) writeState(ctx context.Context, p mailboxAndDevice, want approvals.Values) (refused string,
	err error) {
	if p.device == nil || !want.StateKnown || p.showsState(want) {
		return "", nil
	}
	req := ldap.NewModifyRequest(p.device.DN, permissiveModify())
	req.Replace(attrState, []string{strconv.Itoa(int(want.State))})
	req.Replace(attrReason, []string{strconv.Itoa(int(want.Reason))})
	err = s.sendModify(ctx, req)
	var answer *Error
	if err = wrapError("write device state", s.url, err); errors.As(err, &answer) &&
		(errors.Is(err, eas.ErrRefused) || errors.Is(err, eas.ErrNotFound)) {
		return answer.Err.Error(), nil
	}
	return "", err
}

// showsState reports whether the device object shows these values already.
func (p mailboxAndDevice) showsState(want approvals.Values) bool {
	state, known := p.device.State.IfPresent()
	reason, knownReason := p.device.Reason.IfPresent()
	return known && knownReason && state == want.State && reason == want.Reason
}

// sendModify sends a change, unless there is nothing to change.
func (s *session) sendModify(ctx context.Context, req *ldap.ModifyRequest) error {
	if len(req.Changes) == 0 {
		return nil
	}
	err := s.conn.Modify(req)
	if ctx.Err() != nil {
		return timeUp(ctx)
	}
	return err
}

// readBack reads what the controller shows now. Lists that are not as written were changed meanwhile by somebody else:
// the caller may try again.
func (d *Directory) readBack(ctx context.Context, s *session, c approvals.Change, want approvals.Values,
	done *approvals.Applied) error {
	p, err := d.readMailboxAndDevice(ctx, s, c.MailboxGUID, c.DeviceGUID)
	if err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	if done.After, err = p.valuesOf(c.DeviceID); err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	if p.device != nil {
		done.USN = p.device.USN
	}
	if done.After.InAllowed != want.InAllowed || done.After.InBlocked != want.InBlocked {
		return fmt.Errorf("read back: %w: the lists were changed by somebody else at the same time", eas.ErrUnavailable)
	}
	return nil
}
