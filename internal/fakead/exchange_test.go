package fakead

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"easbot/internal/eas"
	"easbot/internal/world"
)

// play runs f on a directory that is not served, with the player and synthetic time.
func play(t *testing.T, f func(t *testing.T, d *Directory, x *Exchange)) {
	synctest.Test(t, func(t *testing.T) {
		d, err := newDirectory(Options{})
		if err != nil {
			t.Fatal(err)
		}
		x := NewExchange(d, ExchangeOptions{Delay: 4 * time.Second})
		defer x.Close()
		f(t, d, x)
	})
}

// set writes one personal list as easbot's account.
func set(t *testing.T, d *Directory, sam, list string, op int64, id string) {
	t.Helper()
	d.tree.mu.Lock()
	o, changed, err := d.tree.modifyObject(d.tree.requesterFor(d.tree.bySAM(world.ServiceAccount)), d.World().DN(sam),
		[]modification{{op, list, []string{id}}}, true, 0)
	d.tree.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	d.tellHooks(Change{DN: o.dn, Class: o.class.Name, Attributes: changed})
}

// state reads a device's state, reason, rule link and update number.
func state(d *Directory, id string) (eas.AccessState, eas.Reason, string, int64) {
	d.tree.mu.RLock()
	defer d.tree.mu.RUnlock()
	o := d.tree.findObject(func(o *object) bool { return strings.EqualFold(o.firstValue("msExchDeviceID"), id) })
	s, errS := strconv.Atoi(o.firstValue("msExchDeviceAccessState"))
	r, errR := strconv.Atoi(o.firstValue("msExchDeviceAccessStateReason"))
	if errors.Join(errS, errR) != nil {
		return -1, -1, "", o.usn
	}
	return eas.AccessState(s), eas.Reason(r), o.firstValue("msExchDeviceAccessControlRuleLink"), o.usn
}

const addValue, deleteValue = 0, 1

func TestExchange_PhoneComesBackAfterItsListsChanged(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, sam, id, list string
		op                  int64
		state               eas.AccessState
		reason              eas.Reason
		rule                bool
	}{
		{"allowed", world.Anna, strings.ToLower(world.AnnaPhone), allowedList, addValue, eas.StateAllowed,
			eas.ReasonIndividual, false},
		{"blocked", world.Anna, world.AnnaPhone, blockedList, addValue, eas.StateBlocked, eas.ReasonIndividual, false},
		{"blocked wins over allowed", world.Anna, world.AnnaTablet, blockedList, addValue, eas.StateBlocked,
			eas.ReasonIndividual, false},
		{"allowed against a rule", world.Frank, world.FrankPhone, allowedList, addValue, eas.StateAllowed,
			eas.ReasonIndividual, false},
		{"taken off: default level", world.Anna, world.AnnaTablet, allowedList, deleteValue, eas.StateQuarantined,
			eas.ReasonGlobal, false},
		{"blocked against a rule", world.Grace, world.GracePC, blockedList, addValue, eas.StateBlocked,
			eas.ReasonIndividual, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			play(t, func(t *testing.T, d *Directory, x *Exchange) {
				_, _, _, before := state(d, tc.id)
				set(t, d, tc.sam, tc.list, tc.op, tc.id)
				time.Sleep(4*time.Second - 1)
				synctest.Wait()
				if _, _, _, usn := state(d, tc.id); usn != before {
					t.Error("the phone came back before its time")
				}
				time.Sleep(time.Nanosecond)
				synctest.Wait()
				s, r, rule, usn := state(d, tc.id)
				if s != tc.state || r != tc.reason || (rule != "") != tc.rule {
					t.Errorf("state %s, reason %s, rule %q; want %s, %s", s, r, rule, tc.state, tc.reason)
				}
				if usn == before {
					t.Error("uSNChanged stayed")
				}
			})
		})
	}
}

func TestExchange_RuleDecidesAgainWhenTheListEntryIsGone(t *testing.T) {
	t.Parallel()
	play(t, func(t *testing.T, d *Directory, x *Exchange) {
		set(t, d, world.Frank, allowedList, addValue, world.FrankPhone)
		time.Sleep(5 * time.Second)
		set(t, d, world.Frank, allowedList, deleteValue, world.FrankPhone)
		time.Sleep(5 * time.Second)
		s, r, rule, _ := state(d, world.FrankPhone)
		if s != eas.StateBlocked || r != eas.ReasonDeviceRule || rule != d.World().RuleDN(world.BlockRule) {
			t.Errorf("state %s, reason %s, rule %q", s, r, rule)
		}
	})
}

func TestExchange_OtherPhonesAndSwitchedOffMailboxesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	play(t, func(t *testing.T, d *Directory, x *Exchange) {
		_, _, _, phone := state(d, world.AnnaPhone)
		_, _, _, david := state(d, world.DavidPhone)
		set(t, d, world.Anna, blockedList, addValue, world.AnnaTablet)
		set(t, d, world.David, blockedList, addValue, world.DavidPhone)
		time.Sleep(time.Minute)
		synctest.Wait()
		if _, _, _, usn := state(d, world.AnnaPhone); usn != phone {
			t.Error("a phone that no list change concerns was written")
		}
		if _, _, _, usn := state(d, world.DavidPhone); usn != david {
			t.Error("a phone came back though ActiveSync is switched off")
		}
	})
}

func TestExchange_PhonesOnTheirWayComeBackAtOnceWhenTold(t *testing.T) {
	t.Parallel()
	play(t, func(t *testing.T, d *Directory, x *Exchange) {
		begin := time.Now()
		x.LetPhonesComeBack() // nobody is on the way
		set(t, d, world.Anna, allowedList, addValue, world.AnnaPhone)
		synctest.Wait()
		if got, _, _, _ := state(d, world.AnnaPhone); got != eas.StateQuarantined {
			t.Fatalf("state %d before anybody said so", got)
		}
		x.LetPhonesComeBack()
		synctest.Wait()
		if got, _, _, _ := state(d, world.AnnaPhone); got != eas.StateAllowed || time.Since(begin) > 0 {
			t.Errorf("state %d after %v", got, time.Since(begin))
		}
	})
}

func TestExchange_CloseForgetsPhonesOnTheirWay(t *testing.T) {
	t.Parallel()
	play(t, func(t *testing.T, d *Directory, x *Exchange) {
		_, _, _, before := state(d, world.AnnaPhone)
		set(t, d, world.Anna, allowedList, addValue, world.AnnaPhone)
		x.Close()
		time.Sleep(time.Minute)
		if _, _, _, usn := state(d, world.AnnaPhone); usn != before {
			t.Error("the phone came back after Close")
		}
		set(t, d, world.Anna, allowedList, deleteValue, world.AnnaPhone) // nobody listens any more
	})
}

func TestNewPhone_ExchangeServersRightsDecide(t *testing.T) {
	t.Parallel()
	phone := world.Phone{ID: "NEW0001", Type: "iPhone", Model: "iPhone18C1", OS: "iOS 27"}
	mail := world.Phone{ID: "NEW0002", Type: "windowsmail"}
	for _, tc := range []struct {
		sam   string
		phone world.Phone
		event int
		err   error
		state eas.AccessState
		why   eas.Reason
	}{
		{world.Anna, phone, 0, nil, eas.StateQuarantined, eas.ReasonGlobal},
		{world.Lena, phone, 0, nil, eas.StateQuarantined, eas.ReasonGlobal}, // no container yet
		{world.Lena, mail, 0, nil, eas.StateAllowed, eas.ReasonDeviceRule},
		{world.Ben, phone, 1053, eas.ErrRefused, 0, 0},
		{world.Carla, phone, 1053, eas.ErrRefused, 0, 0},
		{world.David, phone, 0, eas.ErrRefused, 0, 0},
		{world.Norbert, phone, 0, eas.ErrRefused, 0, 0},
		{"nobody", phone, 0, eas.ErrNotFound, 0, 0},
	} {
		play(t, func(t *testing.T, d *Directory, x *Exchange) {
			var created []Change
			defer d.OnChange(func(c Change) { created = append(created, c) })()
			dn, err := x.NewPhone(tc.sam, tc.phone)
			if !errors.Is(err, tc.err) || tc.err == nil && err != nil {
				t.Errorf("%s: error %v, want %v", tc.sam, err, tc.err)
			}
			var event *Event
			if errors.As(err, &event) != (tc.event != 0) || event != nil && event.ID != tc.event {
				t.Errorf("%s: event %v, want %d", tc.sam, event, tc.event)
			}
			if tc.event == 1053 && !strings.Contains(event.Text, "INSUFF_ACCESS_RIGHTS") {
				t.Errorf("event text %q", event.Text)
			}
			if tc.err != nil {
				if len(created) != 0 {
					t.Errorf("%s: something was created: %v", tc.sam, created)
				}
				return
			}
			if len(created) == 0 || created[len(created)-1].DN != dn {
				t.Errorf("%s: changes %v", tc.sam, created)
			}
			if s, r, _, _ := state(d, tc.phone.ID); s != tc.state || r != tc.why {
				t.Errorf("%s: state %s, reason %s; want %s, %s", tc.sam, s, r, tc.state, tc.why)
			}
		})
	}
}

func TestNewPhone_SecondTimeIsAnEvent(t *testing.T) {
	t.Parallel()
	play(t, func(t *testing.T, d *Directory, x *Exchange) {
		phone := world.Phone{ID: "NEW0001", Type: "iPhone"}
		if _, err := x.NewPhone(world.Anna, phone); err != nil {
			t.Fatal(err)
		}
		var event *Event
		if _, err := x.NewPhone(world.Anna, phone); !errors.As(err, &event) || event.ID != 1054 ||
			errors.Is(err, eas.ErrRefused) {
			t.Errorf("error %v", err)
		}
	})
}
