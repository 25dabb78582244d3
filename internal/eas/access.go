// Package eas holds the words of Exchange ActiveSync that every other package speaks:
// devices, mailboxes, access states and the rules that set them. It has no behaviour that
// needs a server and imports the standard library only.
package eas

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// AccessState is Exchange's verdict on one device, as stored in msExchDeviceAccessState.
type AccessState int

// The values Exchange stores (DeviceAccessState of the Exchange management shell).
const (
	StateUnknown     AccessState = 0
	StateAllowed     AccessState = 1
	StateBlocked     AccessState = 2
	StateQuarantined AccessState = 3
	StateDiscovery   AccessState = 4
)

var stateNames = []string{"unknown", "allowed", "blocked", "quarantined", "discovery"}

// String returns the state's contract name; a number Exchange does not define reads "state-N".
func (s AccessState) String() string { return enumName(stateNames, int(s), "state") }

// MarshalText writes the contract name.
func (s AccessState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a contract name.
func (s *AccessState) UnmarshalText(text []byte) error {
	i, err := enumValue(stateNames, string(text), "state")
	if err != nil {
		return fmt.Errorf("access state: %w", err)
	}
	*s = AccessState(i)
	return nil
}

// Reason says what made Exchange choose an AccessState, as stored in msExchDeviceAccessStateReason.
type Reason int

// The values Exchange stores (DeviceAccessStateReason of the Exchange management shell).
const (
	ReasonUnknown                 Reason = 0
	ReasonGlobal                  Reason = 1
	ReasonIndividual              Reason = 2
	ReasonDeviceRule              Reason = 3
	ReasonUpgrade                 Reason = 4
	ReasonPolicy                  Reason = 5
	ReasonUserAgentChanges        Reason = 6
	ReasonRecentCommands          Reason = 7
	ReasonWatsons                 Reason = 8
	ReasonOutOfBudgets            Reason = 9
	ReasonSyncCommands            Reason = 10
	ReasonEnableNotificationEmail Reason = 11
	ReasonCommandFrequency        Reason = 12
	ReasonExternallyManaged       Reason = 51
	ReasonExternalCompliance      Reason = 52
	ReasonExternalEnrollment      Reason = 53
)

var reasonNames = func() []string {
	names := make([]string, ReasonExternalEnrollment+1)
	copy(names, []string{
		"unknown", "global", "individual", "device-rule", "upgrade", "policy",
		"user-agent-changes", "recent-commands", "watsons", "out-of-budgets", "sync-commands",
		"enable-notification-email", "command-frequency",
	})
	names[ReasonExternallyManaged] = "externally-managed"
	names[ReasonExternalCompliance] = "external-compliance"
	names[ReasonExternalEnrollment] = "external-enrollment"
	return names
}()

// String returns the reason's contract name (kebab-case of Exchange's name); an undefined number reads "reason-N".
func (r Reason) String() string { return enumName(reasonNames, int(r), "reason") }

// MarshalText writes the contract name.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a contract name.
func (r *Reason) UnmarshalText(text []byte) error {
	i, err := enumValue(reasonNames, string(text), "reason")
	if err != nil {
		return fmt.Errorf("access state reason: %w", err)
	}
	*r = Reason(i)
	return nil
}

// IsDefined reports whether Exchange defines the number.
func (r Reason) IsDefined() bool { return r >= 0 && int(r) < len(reasonNames) && reasonNames[r] != "" }

// IsAutoBlock reports whether the reason is one of Exchange's automatic, temporary blocks of a
// misbehaving phone (New-ActiveSyncDeviceAutoblockThreshold). Such a block ends by itself.
func (r Reason) IsAutoBlock() bool { return r >= ReasonUserAgentChanges && r <= ReasonCommandFrequency }

// AccessLevel is what a rule or the organisation's default orders, as stored in msExchMobileAccessControl.
// Its numbers are not those of AccessState.
type AccessLevel int

// The values Exchange stores (DeviceAccessLevel of the Exchange management shell).
const (
	LevelAllow      AccessLevel = 0
	LevelBlock      AccessLevel = 1
	LevelQuarantine AccessLevel = 2
)

var levelNames = []string{"allow", "block", "quarantine"}

// String returns the level's name in lower case.
func (l AccessLevel) String() string { return enumName(levelNames, int(l), "level") }

// MarshalText writes the name.
func (l AccessLevel) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// LeadsTo returns the access state that the level leads to; an undefined level leads to StateUnknown.
func (l AccessLevel) LeadsTo() AccessState {
	switch l {
	case LevelAllow:
		return StateAllowed
	case LevelBlock:
		return StateBlocked
	case LevelQuarantine:
		return StateQuarantined
	default:
		return StateUnknown
	}
}

// Characteristic is the property of a device that a rule compares, as stored in
// msExchDeviceAccessRuleCharacteristic.
type Characteristic int

// The values Exchange stores (DeviceAccessCharacteristic of the Exchange management shell).
const (
	ByDeviceType  Characteristic = 0
	ByDeviceModel Characteristic = 1
	ByDeviceOS    Characteristic = 2
	ByUserAgent   Characteristic = 3
	ByXMSWLHeader Characteristic = 4
)

var characteristicNames = []string{"DeviceType", "DeviceModel", "DeviceOS", "UserAgent", "XMSWLHeader"}

// String returns the name that New-ActiveSyncDeviceAccessRule takes.
func (c Characteristic) String() string {
	return enumName(characteristicNames, int(c), "characteristic")
}

func enumName(names []string, i int, kind string) string {
	if i >= 0 && i < len(names) && names[i] != "" {
		return names[i]
	}
	return fmt.Sprintf("%s-%d", kind, i)
}

// enumValue reads what enumName writes.
func enumValue(names []string, name, kind string) (int, error) {
	if i := slices.Index(names, name); i >= 0 && name != "" {
		return i, nil
	}
	if number, ok := strings.CutPrefix(name, kind+"-"); ok {
		if i, err := strconv.Atoi(number); err == nil && enumName(names, i, kind) == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("unknown name %q", name)
}
