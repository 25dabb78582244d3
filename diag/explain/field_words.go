package explain

import "strings"

// fieldWords are words of ActiveSync's own field, or of a phone's mail. A number or a general sentence counts only
// beside one of them: 129, "blocked" and "quarantine" are words of many other fields, too.
var fieldWords = wordSet(`activesync eas airsync exchange msexchange outlook owa mailbox mailboxes postfach iphone ipad
	ios android samsung galaxy smartphone smartphones handy phone phones mobile mobiltelefon deviceid devicetype
	deviceaccessstate casmailbox mobiledevice wbxml autodiscover syncstate synckey foldersync sendmail
	msexchangesyncapppool adminsdholder exchangeactivesyncdevices hotmail windowsmail easclient casserver clientaccess`)

// fieldParts begin or end words of the field: MSExchangeSyncAppPool, ActiveSyncEnabled, msExchDeviceID.
var fieldParts = []string{"activesync", "msexch", "mobiledevice", "casmailbox"}

// fieldPairs are two words that mean the field together.
var fieldPairs = wordSet(
	"mail_app mail_account exchange_account email_account windows_mail device_id active_sync e_mail")

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		set[w] = true
	}
	return set
}

// isOfTheField reports whether a text is about ActiveSync or a phone's mail.
func isOfTheField(text []word) bool {
	before := ""
	for _, w := range text {
		if fieldWords[w.plain] || fieldPairs[before+"_"+w.plain] {
			return true
		}
		for _, part := range fieldParts {
			if strings.Contains(w.plain, part) {
				return true
			}
		}
		before = w.plain
	}
	return false
}
