package explain_test

import (
	"fmt"

	"easbot/diag/explain"
)

// A line of the IIS log says which phone of whom was refused, and why.
func ExampleExplain() {
	const line = "2026-11-02 08:00:00 10.0.0.1 POST /Microsoft-Server-ActiveSync/default.eas" +
		" User=anna&DeviceId=ApplDQ7&DeviceType=iPhone&Cmd=Sync&Log=V141_As:QuarantinedG_S129 443 anna 10.0.0.9 " +
		"iPhone 403 0 0 15"
	first := explain.Explain(line).Matches[0]
	fmt.Println(first.Code)
	fmt.Println(first.Facts["user"], first.Facts["device_id"], first.Facts["access_state"])
	// Output:
	// device-quarantined-by-default
	// anna ApplDQ7 quarantined
}

// A text that says nothing known has no answer: nothing is guessed.
func ExampleExplain_unknown() {
	fmt.Println(len(explain.Explain("please help").Matches))
	// Output: 0
}
