package eas

// Person is somebody who acts through Slack: the immutable Slack ids, and who that is in the directory.
type Person struct {
	SlackTeam string `json:"slack_team,omitempty"`
	SlackUser string `json:"slack_user,omitempty"`
	GUID      string `json:"guid,omitempty"` // objectGUID; empty when the directory does not know the person
	DN        string `json:"dn,omitempty"`
	Name      string `json:"name,omitempty"`
	Address   string `json:"address,omitempty"`
}
