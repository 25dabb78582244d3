package bot

import (
	"time"

	"easbot/internal/ad/adtest"
	"easbot/internal/config"
	"easbot/internal/lab"
	"easbot/internal/world"

	"github.com/go-ldap/ldap/v3"
)

// realParts are a Samba domain controller and a Redis server. An Exchange server's computer account lets the phone in,
// as Exchange does when the phone comes back.
func realParts(p *parts) {
	d := lab.Domain(p.t)
	r := lab.Redis(p.t)
	p.roots = d.RootCAs
	p.cfg.LDAP.URLs, p.cfg.LDAP.BindDN, p.cfg.LDAP.Password = []string{d.URL}, d.World.DN(world.ServiceAccount),
		config.NewSecret(world.ServicePassword)
	p.cfg.Redis.URL = config.NewSecret(r.URL)
	reset := func() {
		conn := adtest.BindAs(p.t, d.URL, d.RootCAs, d.World.DN(world.Administrator), world.AdminPassword)
		defer func() { _ = conn.Close() }()
		anna := ldap.NewModifyRequest(d.World.DN(world.Anna), nil)
		anna.Replace("msExchMobileAllowedDeviceIDs", []string{world.AnnaTablet})
		phone := ldap.NewModifyRequest(annaPhoneDN(d.World), nil)
		phone.Replace("msExchDeviceAccessState", []string{"3"})
		phone.Replace("msExchDeviceAccessStateReason", []string{"1"})
		for _, m := range []*ldap.ModifyRequest{anna, phone} {
			if err := conn.Modify(m); err != nil {
				p.t.Errorf("put Anna's phone back: %v", err)
			}
		}
	}
	p.t.Cleanup(reset)
	p.exchange = func() {
		conn := adtest.BindAs(p.t, d.URL, d.RootCAs, d.World.DN(world.ExchangeServer), world.ServerPassword)
		defer func() { _ = conn.Close() }()
		back := ldap.NewModifyRequest(annaPhoneDN(d.World), nil)
		back.Replace("msExchLastUpdateTime", []string{time.Now().UTC().Format("20060102150405.0Z")})
		if err := conn.Modify(back); err != nil {
			p.t.Errorf("the phone comes back: %v", err)
		}
	}
}

func annaPhoneDN(w *world.World) string {
	return world.DeviceDN(w.DN(world.Anna), world.Phone{Type: "iPhone", ID: world.AnnaPhone})
}
