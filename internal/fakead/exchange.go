package fakead

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jimlambrt/gldap"

	"easbot/internal/eas"
	"easbot/internal/world"
)

// ExchangeOptions say how the player behaves.
type ExchangeOptions struct {
	// Delay is how long after a change of a personal list the phone comes back; five seconds when zero.
	Delay  time.Duration
	Logger *slog.Logger
}

// Exchange plays the Exchange server's part in the demo. It acts with the server's computer account and that account's
// real rights: it lets phones come back after their personal lists were changed, and lets new ones arrive.
type Exchange struct {
	directory *Directory
	delay     time.Duration
	log       *slog.Logger
	remove    func()

	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	lists  map[dnKey]lists
	atOnce chan struct{} // closed for the phones on their way that need not wait any longer
}

// lists are a mailbox's personal lists in lower case, as the player saw them last.
type lists struct{ allowed, blocked []string }

// Event is what an Exchange server would write to its event log when something fails.
type Event struct {
	ID   int
	Text string
	Err  error
}

func (e *Event) Error() string { return fmt.Sprintf("event %d: %s", e.ID, e.Text) }

// Unwrap returns the cause.
func (e *Event) Unwrap() error { return e.Err }

// NewExchange starts the player on a directory. Close ends it.
func NewExchange(d *Directory, o ExchangeOptions) *Exchange {
	x := &Exchange{directory: d, delay: o.Delay, log: o.Logger, lists: map[dnKey]lists{}, atOnce: make(chan struct{})}
	if x.delay == 0 {
		x.delay = 5 * time.Second
	}
	if x.log == nil {
		x.log = slog.New(slog.DiscardHandler)
	}
	x.ctx, x.cancel = context.WithCancel(context.Background())
	d.tree.mu.RLock()
	for key, o := range d.tree.objects {
		if o.class.is("user") {
			x.lists[key] = listsOf(o)
		}
	}
	d.tree.mu.RUnlock()
	x.remove = d.OnChange(x.onListChange)
	return x
}

// Close stops listening and waits for what runs; phones that were about to come back do not.
func (x *Exchange) Close() {
	x.remove()
	x.mu.Lock()
	x.cancel()
	x.mu.Unlock()
	x.running.Wait()
}

func listsOf(o *object) lists {
	lower := func(ids []string) []string {
		out := make([]string, 0, len(ids))
		for _, id := range ids {
			out = append(out, strings.ToLower(id))
		}
		return out
	}
	return lists{lower(o.values[allowedList]), lower(o.values[blockedList])}
}

const (
	allowedList = "msexchmobilealloweddeviceids"
	blockedList = "msexchmobileblockeddeviceids"
)

// onListChange looks which phones a write of the personal lists concerns.
func (x *Exchange) onListChange(c Change) {
	if !slices.Contains(c.Attributes, allowedList) && !slices.Contains(c.Attributes, blockedList) {
		return
	}
	x.directory.tree.mu.RLock()
	o := x.directory.tree.byDN(c.DN)
	if o == nil {
		x.directory.tree.mu.RUnlock()
		return
	}
	key, now := o.key, listsOf(o)
	x.directory.tree.mu.RUnlock()

	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ctx.Err() != nil {
		return
	}
	before, atOnce := x.lists[key], x.atOnce
	x.lists[key] = now
	ids := slices.Concat(before.allowed, now.allowed, before.blocked, now.blocked)
	for _, id := range changedIDs(ids, before, now) {
		x.running.Go(func() { x.comeBack(key, id, atOnce) })
	}
}

// changedIDs returns the ids whose place in the lists has changed, each once.
func changedIDs(ids []string, before, now lists) []string {
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool {
		return slices.Contains(before.allowed, id) == slices.Contains(now.allowed, id) &&
			slices.Contains(before.blocked, id) == slices.Contains(now.blocked, id)
	})
}

// LetPhonesComeBack ends the wait of all phones that are on their way.
func (x *Exchange) LetPhonesComeBack() {
	x.mu.Lock()
	defer x.mu.Unlock()
	close(x.atOnce)
	x.atOnce = make(chan struct{})
}

// comeBack waits, and then decides about the phone as Exchange does at its next request.
func (x *Exchange) comeBack(user dnKey, id string, atOnce <-chan struct{}) {
	timer := time.NewTimer(x.delay)
	defer timer.Stop()
	select {
	case <-x.ctx.Done():
		return
	case <-timer.C:
	case <-atOnce:
	}
	if err := x.writeDecision(user, id); err != nil {
		x.log.Warn("the phone's state could not be written", "error", err)
	}
}

// writeDecision writes the access state of every device object with that id below the user.
func (x *Exchange) writeDecision(user dnKey, id string) error {
	var changes []Change
	err := func() error {
		t := x.directory.tree
		t.mu.Lock()
		defer t.mu.Unlock()
		owner := t.objects[user]
		if owner == nil || syncOff(owner) != nil {
			return nil
		}
		server := t.requesterFor(t.bySAM(world.ExchangeServer))
		for _, o := range t.objectsBelow(owner, scopeSubtree) {
			if !o.class.is("msExchActiveSyncDevice") || !strings.EqualFold(o.firstValue("msExchDeviceID"), id) {
				continue
			}
			state, reason, rule := t.decideAccess(x.directory.world, owner, o.firstValue)
			_, attrs, err := t.modifyObject(server, o.dn, stateModifications(state, reason, rule, t.now()), true, 0)
			if err != nil {
				return &Event{ID: 1112, Text: "Exchange ActiveSync may not update the device object " + o.dn,
					Err: markRefused(err)}
			}
			changes = append(changes, Change{DN: o.dn, Class: o.class.Name,
				By: world.ExchangeServer, Attributes: attrs})
		}
		return nil
	}()
	for _, c := range changes {
		x.directory.tellHooks(c)
	}
	return err
}

func stateModifications(state eas.AccessState, reason eas.Reason, rule string, now time.Time) []modification {
	mods := []modification{
		{gldap.ReplaceAttribute, "msExchDeviceAccessState", []string{strconv.Itoa(int(state))}},
		{gldap.ReplaceAttribute, "msExchDeviceAccessStateReason", []string{strconv.Itoa(int(reason))}},
		{gldap.ReplaceAttribute, "msExchDeviceAccessControlRuleLink", nil},
		{gldap.ReplaceAttribute, "msExchLastUpdateTime", []string{formatTime(now)}},
	}
	if rule != "" {
		mods[2].values = []string{rule}
	}
	return mods
}

// syncOff says why the mailbox's phones are not let in at all; nil when they are.
func syncOff(owner *object) error {
	flags, err := strconv.Atoi(owner.firstValue("msExchOmaAdminWirelessEnable"))
	switch {
	case accountDisabled(owner):
		return fmt.Errorf("AccountDisabled (403, status 131): %w", eas.ErrRefused)
	case err == nil && flags&eas.ActiveSyncDisabled != 0:
		return fmt.Errorf("UserDisabledForSync (403, status 126): %w", eas.ErrRefused)
	}
	return nil
}

// decideAccess decides as Exchange does: blocked list, allowed list, rules in the order user agent, OS, model, type
// with the first match winning, then the default level. get reads the device's attributes.
func (t *tree) decideAccess(w *world.World, owner *object,
	get func(string) string) (eas.AccessState, eas.Reason, string) {
	id := get("msExchDeviceID")
	switch {
	case eas.HasID(owner.values[blockedList], id):
		return eas.StateBlocked, eas.ReasonIndividual, ""
	case eas.HasID(owner.values[allowedList], id):
		return eas.StateAllowed, eas.ReasonIndividual, ""
	}
	level := func(o *object) eas.AccessLevel {
		n, err := strconv.Atoi(o.firstValue("msExchMobileAccessControl"))
		if err != nil {
			return eas.LevelAllow // absent means allow
		}
		return eas.AccessLevel(n)
	}
	settings := t.byDN(w.ActiveSyncSettingsDN())
	if settings == nil {
		return eas.StateAllowed, eas.ReasonGlobal, ""
	}
	for _, by := range []struct {
		c    eas.Characteristic
		attr string
	}{
		{eas.ByUserAgent, "msExchDeviceUserAgent"}, {eas.ByDeviceOS, "msExchDeviceOS"},
		{eas.ByDeviceModel, "msExchDeviceModel"}, {eas.ByDeviceType, "msExchDeviceType"},
	} {
		for _, rule := range t.objectsBelow(settings, scopeOne) {
			if rule.firstValue("msExchDeviceAccessRuleCharacteristic") == strconv.Itoa(int(by.c)) &&
				get(by.attr) != "" &&
				strings.EqualFold(rule.firstValue("msExchDeviceAccessRuleQueryString"), get(by.attr)) {
				return level(rule).LeadsTo(), eas.ReasonDeviceRule, rule.dn
			}
		}
	}
	return level(settings).LeadsTo(), eas.ReasonGlobal, ""
}

// markRefused marks a lack of rights for callers.
func markRefused(err error) error {
	if errors.Is(err, errRights) {
		return fmt.Errorf("%w: %w", eas.ErrRefused, err)
	}
	return err
}
