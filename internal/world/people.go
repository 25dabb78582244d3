package world

import (
	"slices"
	"strings"
	"time"
)

// The people that the demo and the tests know by name (sAMAccountName).
const (
	Anna  = "anna"  // a new iPhone waits in quarantine; an old iPad is allowed
	Ben   = "ben"   // left a protected group: adminCount=1, inheritance off, no device container
	Carla = "carla" // in Domain Admins through a group: protected by AdminSDHolder
	David = "david" // ActiveSync is switched off
	Erika = "erika" // approver, with a phone of her own in quarantine

	Frank   = "frank"   // blocked by a device access rule
	Grace   = "grace"   // allowed by a device access rule
	Henry   = "henry"   // Exchange is still finding out what the phone is
	Ines    = "ines"    // Exchange's probe and a replication remnant beside a real phone
	Jonas   = "jonas"   // a phone with a hostile name
	Lena    = "lena"    // shares a mail address with Luca
	Luca    = "luca"    //
	Maria   = "maria"   // mailbox in the cloud
	Norbert = "norbert" // account disabled
	Olga    = "olga"    // no mailbox
	Info    = "info"    // shared mailbox
)

// SharedAddress is the local part of the mail address that two people have.
const SharedAddress = "frontdesk"

// Device ids that tests name.
const (
	AnnaPhone    = "7Q1D3KD8F15V9L2M6T4RC0NABE"
	AnnaTablet   = "ApplDMPGQ1YZDFHW"
	DavidPhone   = "androidc1729843156"
	ErikaPhone   = "androidc2093847561"
	FrankPhone   = "androidc1111111111"
	GracePC      = "A1F0C3D5E7094B2D8E6F1A3B5C7D9E0F"
	HenryPhone   = "6P0S2JC7E04U8K1L5S3QB9MZAD"
	InesPhone    = "5N9R1IB6D93T7J0K4R2PA8LYZC"
	JonasPhone   = "androidc6666666666"
	NorbertPhone = "4M8Q0HA5C82S6I9J3Q1OZ7KXYB"
	InfoPhone    = "3L7P9GZ4B71R5H8I2P0NY6JWXA"
)

// HostileName is a device name that tries to notify a whole channel, to break mrkdwn and to turn the text around.
const HostileName = "<!channel> *x* `rm` \u202egnp.exe <https://evil.example|click> &amp;\u200b"

// exchange2013 is msExchVersion of mailboxes that Exchange 2013 or a later one has made: 0.20 (15.0.0.0).
const exchange2013 = "88218628259840"

// addPerson adds a user with a mailbox; more overrides.
func (w *World) addPerson(sam, first, last string, more map[string][]string) *Entry {
	name := first
	if last != "" {
		name += " " + last
	}
	attrs := map[string][]string{
		"objectClass": {"top", "person", "organizationalPerson", "user"}, "cn": {name},
		"displayName": {name}, "givenName": {first},
		"sAMAccountName": {sam}, "userPrincipalName": {w.MailAddress(sam)}, "mail": {w.MailAddress(sam)},
		"proxyAddresses":     {"SMTP:" + w.MailAddress(sam), "smtp:" + sam + "@mail." + w.DNSDomain},
		"userAccountControl": {"66048"}, "mailNickname": {sam}, "employeeID": {"U0" + strings.ToUpper(sam)},
		"msExchMailboxGuid": {mailboxGUID(sam)}, "msExchRecipientTypeDetails": {"1"},
		"homeMDB": {w.Database()}, "msExchVersion": {exchange2013},
	}
	if last != "" {
		attrs["sn"] = []string{last}
	}
	attrs = mergeAttributes(attrs, more)
	for k, v := range attrs {
		if len(v) == 0 {
			delete(attrs, k)
		}
	}
	e := w.addEntry("", "CN="+name+","+w.StaffOU(), attrs)
	e.Password = PersonPassword
	return e
}

// mailboxGUID makes 16 bytes out of a name.
func mailboxGUID(sam string) string {
	b := []byte("mailbox:        ")
	copy(b[8:], sam)
	return string(b)
}

// Phone is a device partnership to create.
type Phone struct {
	ID, Type, Model, OS, UserAgent, FriendlyName string
	State, Reason                                string // numbers; empty = not set
	RuleDN                                       string
	Age                                          time.Duration // since the first sync
}

// DeviceContainerDN returns the DN of the device container below a user.
func DeviceContainerDN(userDN string) string { return "CN=ExchangeActiveSyncDevices," + userDN }

// DeviceDN returns the DN of a device object below a user: type, section sign, id.
func DeviceDN(userDN string, p Phone) string {
	return "CN=" + escapeDN(p.Type+"§"+p.ID) + "," + DeviceContainerDN(userDN)
}

// escapeDN escapes what a value in a DN may not hold (RFC 4514 2.4).
func escapeDN(s string) string {
	return strings.NewReplacer(`\`, `\\`, `,`, `\,`, `+`, `\+`, `"`, `\"`, `<`, `\<`, `>`, `\>`, `;`, `\;`, `=`,
		`\=`, `#`, `\#`).Replace(s)
}

// LDAPAttributes returns the device object's attributes as an Exchange server writes them.
func (p Phone) LDAPAttributes(first, last time.Time) map[string][]string {
	attrs := map[string][]string{
		"objectClass": {"top", "msExchActiveSyncDevice"}, "cn": {p.Type + "§" + p.ID},
		"msExchDeviceID": {p.ID}, "msExchDeviceType": {p.Type}, "msExchDeviceEASVersion": {"16.1"},
		"msExchFirstSyncTime": {generalizedTime(first)}, "msExchLastUpdateTime": {generalizedTime(last)},
		"msExchDeviceIMEI": {"350000000000017"}, "msExchDeviceTelephoneNumber": {"+49 30 0000017"},
	}
	for attr, v := range map[string]string{"msExchDeviceModel": p.Model, "msExchDeviceOS": p.OS,
		"msExchDeviceUserAgent":    p.UserAgent,
		"msExchDeviceFriendlyName": p.FriendlyName, "msExchDeviceAccessState": p.State,
		"msExchDeviceAccessStateReason":     p.Reason,
		"msExchDeviceAccessControlRuleLink": p.RuleDN} {
		if v != "" {
			attrs[attr] = []string{v}
		}
	}
	return attrs
}

// addPhones creates a container below a user and devices in it, as an Exchange server does.
func (w *World) addPhones(owner *Entry, phones ...Phone) {
	dn := DeviceContainerDN(owner.DN)
	w.addEntry(ExchangeServer, dn, map[string][]string{"objectClass": {"top", "msExchActiveSyncDevices"},
		"cn": {"ExchangeActiveSyncDevices"}})
	w.addEdit(ExchangeServer, Edit{DN: dn, Add: slices.Clone(containerACEs)})
	for _, p := range phones {
		w.addEntry(ExchangeServer, DeviceDN(owner.DN, p), p.LDAPAttributes(w.now.Add(-p.Age), w.now.Add(-p.Age/4)))
	}
}

// day is a unit of a phone's age.
const day = 24 * time.Hour

func (w *World) addPeople() {
	w.addPeopleOfTheDemo()
	w.addPeopleWithOtherStates()
	w.addPeopleWithOddMailboxes()
}

// oneValue is an attribute with one value.
func oneValue(name, value string) map[string][]string { return map[string][]string{name: {value}} }

func newIPhone(id, state, reason string, age time.Duration) Phone {
	return Phone{ID: id, Type: "iPhone", Model: "iPhone17C2", OS: "iOS 26.1 23B85",
		UserAgent: "Apple-iPhone17C2/2302.85", FriendlyName: "iPhone 17", State: state, Reason: reason, Age: age}
}

func (w *World) addPeopleOfTheDemo() {
	anna := w.addPerson(Anna, "Anna", "Berger", oneValue("msExchMobileAllowedDeviceIDs", AnnaTablet))
	w.addPhones(anna, newIPhone(AnnaPhone, "3", "1", 2*time.Hour),
		Phone{ID: AnnaTablet, Type: "iPad", Model: "iPad7C5", OS: "iOS 17.7 21H16", UserAgent: "Apple-iPad7C5/2107.16",
			State: "1", Reason: "2", Age: 800 * day})

	ben := w.addPerson(Ben, "Ben", "Okafor", oneValue("adminCount", "1"))
	w.addEdit("", Edit{DN: ben.DN, CopyFrom: w.AdminSDHolder()})

	carla := w.addPerson(Carla, "Carla", "Rossi", oneValue("adminCount", "1"))
	team := w.addGroup("OU=Groups,"+w.BaseDN, "Server Team", globalGroup, carla.DN)
	w.Steps = append(w.Steps, Step{Join: &Join{Group: w.DN("Domain Admins"), Member: team}})
	w.addEdit("", Edit{DN: carla.DN, CopyFrom: w.AdminSDHolder()})

	david := w.addPerson(David, "David", "Lind", mergeAttributes(
		oneValue("msExchOmaAdminWirelessEnable", "4"), oneValue("msExchMobileAllowedDeviceIDs", DavidPhone)))
	w.addPhones(david, Phone{ID: DavidPhone, Type: "Android", Model: "Pixel 9", OS: "Android 16",
		UserAgent: "Android-Mail/2025.10.05", State: "1", Reason: "2", Age: 200 * day})

	erika := w.addPerson(Erika, "Erika", "Mustermann", nil)
	w.addPhones(erika, Phone{ID: ErikaPhone, Type: "Android", Model: "Galaxy S25", OS: "Android 16",
		UserAgent: "Android-SAMSUNG-SM-S931B/101.16", FriendlyName: "Erika's Galaxy",
		State: "3", Reason: "1", Age: 26 * time.Hour})
	mobile := w.addGroup("OU=Groups,"+w.BaseDN, "Mobile Team", universalGroup, erika.DN)
	w.addGroup("OU=Groups,"+w.BaseDN, Approvers, universalGroup, mobile)
}

// addPeopleWithOtherStates adds phones that a rule decided about, and some that are hard to show.
func (w *World) addPeopleWithOtherStates() {
	frank := w.addPerson(Frank, "Frank", "Hofer", nil)
	w.addPhones(frank, Phone{ID: FrankPhone, Type: "Android", Model: "OldDroid", OS: "Android 7.0",
		UserAgent: "Android-Mail/2019.1", State: "2", Reason: "3", RuleDN: w.RuleDN(BlockRule), Age: 3 * day})
	grace := w.addPerson(Grace, "Grace", "Kim", nil)
	w.addPhones(grace, Phone{ID: GracePC, Type: "WindowsMail", Model: "Latitude 7450", OS: "Windows 10.0.26100",
		UserAgent: "MSFT-WIN-4/10.0.26100", State: "1", Reason: "3", RuleDN: w.RuleDN(AllowRule), Age: 90 * day})
	henry := w.addPerson(Henry, "Henry", "Adams", nil)
	w.addPhones(henry, Phone{ID: HenryPhone, Type: "iPhone", State: "4", Reason: "1", Age: 5 * time.Minute})
	ines := w.addPerson(Ines, "Ines", "Peña", oneValue("msExchMobileAllowedDeviceIDs", InesPhone))
	w.addPhones(ines, newIPhone(InesPhone, "1", "2", 30*day),
		Phone{ID: "EASProbeDeviceId141", Type: "EASProbeDeviceType", Model: "EASProbeDeviceType",
			State: "3", Reason: "1", Age: 10 * day})
	jonas := w.addPerson(Jonas, "Jonas", "Weiß", nil)
	w.addPhones(jonas, Phone{ID: JonasPhone, Type: "Android", Model: HostileName, OS: strings.Repeat("A", 1000),
		UserAgent: HostileName, FriendlyName: HostileName, State: "3", Reason: "1", Age: 6 * time.Hour})
}

// addPeopleWithOddMailboxes adds mailboxes that are shared, elsewhere, switched off or not there.
func (w *World) addPeopleWithOddMailboxes() {
	desk := oneValue("mail", w.MailAddress(SharedAddress))
	w.addPerson(Lena, "Lena", "Fischer", desk)
	w.addPerson(Luca, "Luca", "Bianchi", desk)
	w.addPerson(Maria, "Maria", "Silva", map[string][]string{
		"msExchRecipientTypeDetails": {"2147483648"}, "msExchMailboxGuid": nil, "homeMDB": nil,
		"targetAddress": {"SMTP:" + Maria + "@" + w.DNSDomain + ".mail.onmicrosoft.com"},
	})
	norbert := w.addPerson(Norbert, "Norbert", "Blau", mergeAttributes(
		oneValue("userAccountControl", "66050"), oneValue("msExchMobileAllowedDeviceIDs", NorbertPhone)))
	w.addPhones(norbert, newIPhone(NorbertPhone, "1", "2", 400*day))
	w.addPerson(Olga, "Olga", "Novak", map[string][]string{
		"msExchMailboxGuid": nil, "msExchRecipientTypeDetails": nil, "mailNickname": nil, "proxyAddresses": nil,
		"homeMDB": nil, "msExchVersion": nil,
	})
	info := w.addPerson(Info, "Info", "", mergeAttributes(
		oneValue("userAccountControl", "66050"), oneValue("msExchRecipientTypeDetails", "4")))
	w.addPhones(info, newIPhone(InfoPhone, "3", "1", 50*time.Hour))
}
