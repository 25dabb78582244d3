package ad_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"easbot/internal/ad"
	"easbot/internal/ad/adtest"
	"easbot/internal/world"
)

// readableLists is how many random permission lists are tried.
const readableLists = 80

// TestSight_ComputesWhatTheDomainControllerShows gives a person random permissions and reads the person as easbot's
// account: an attribute with a value is shown exactly when the account's rights, computed from the same permissions,
// say so. Where not even the permissions are shown, nothing counts as readable.
func TestSight_ComputesWhatTheDomainControllerShows(t *testing.T) {
	t.Parallel()
	h := newHiding(t)
	dir := adtest.OpenDirectory(t, h.opt)
	filled := map[string][]string{
		"targetAddress": {"SMTP:x@other.example"}, "msExchMailboxMoveStatus": {"2"}, "userWorkstations": {"PC1"},
		"adminCount": {"1"}, "msExchOmaAdminWirelessEnable": {"4"}, "msExchMobileAllowedDeviceIDs": {"A"},
		"msExchMobileBlockedDeviceIDs": {"B"}, "mDBUseDefaults": {"TRUE"}, "mDBOverQuotaLimit": {"1024"},
	}
	dn, _ := h.plant(0, plant{attrs: filled, dacl: "D:" + systemControl})
	all, _, err := adminLook(t, h, dn)
	if err != nil || len(all) < 15 {
		t.Fatalf("the person has %v: %v", all, err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	g := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // random permissions, not secrets
	right, hidden := 0, 0
	for range readableLists {
		list := h.drawReadable(g)
		h.replaceDACL(dn, list)
		shown, readable, err := dir.Look(t.Context(), dn)
		if err != nil {
			t.Fatalf("%s: %v", list, err)
		}
		for attr, there := range all {
			switch {
			case !there || attr == "objectClass":
			// Without the class more counts as hidden than is.
			case shown[attr] && !readable[attr] && shown["objectClass"] && strings.Contains(list, "RC;;;"):
				t.Errorf("%s is shown, and the rights say that it is not: %s", attr, list)
			case !shown[attr] && readable[attr]:
				t.Errorf("%s is hidden, and counts as absent: %s", attr, list)
			case shown[attr]:
				right++
			default:
				hidden++
			}
		}
	}
	t.Logf("%d shown and %d hidden as computed", right, hidden)
	if right < 200 || hidden < 200 {
		t.Errorf("one-sided: %d shown, %d hidden", right, hidden)
	}
}

// adminLook is what an administrator sees of a person.
func adminLook(t *testing.T, h *hiding, dn string) (shown, readable map[string]bool, err error) {
	opt := h.opt
	opt.BindDN, opt.Password = "CN=Administrator,CN=Users,"+h.d.World.BaseDN, world.AdminPassword
	dir := adtest.OpenDirectory(t, opt)
	return dir.Look(t.Context(), dn)
}

// drawReadable draws a permission list of reading rights, for easbot's account, its groups and strangers.
func (h *hiding) drawReadable(g *rand.Rand) string {
	list := "D:PAI"
	if g.IntN(8) > 0 {
		list += "(A;;RC;;;AU)"
	}
	sets := []string{"", world.SetExchangeInformation, world.SetExchangePersonalInformation, world.SetGeneral,
		world.SetPublic, world.SetPersonal, world.SetLogon, world.ClassUser}
	for range 1 + g.IntN(7) {
		object := sets[g.IntN(len(sets))]
		if g.IntN(3) == 0 {
			object = h.guids[strings.ToLower(ad.MailboxAttributes[g.IntN(len(ad.MailboxAttributes))])]
		}
		kind := []string{"A", "A", "A", "D"}[g.IntN(4)]
		if object != "" {
			kind = "O" + kind
		}
		flags := []string{"", "", "", "CI", "CIIO"}[g.IntN(5)]
		rights := []string{"RP", "RPLC", "WP", "LCRPLORC", "RPWP"}[g.IntN(5)]
		trustee := []string{h.service.String(), h.service.String(), "AU", "WD", h.sids[world.ExchangeServers].String(),
			h.domain.WithRID(513).String()}[g.IntN(6)]
		list += fmt.Sprintf("(%s;%s;%s;%s;;%s)", kind, flags, rights, object, trustee)
	}
	return list + systemControl
}
