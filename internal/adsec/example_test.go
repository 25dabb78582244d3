package adsec_test

import (
	"fmt"

	"easbot/internal/adsec"
)

// A descriptor as nTSecurityDescriptor holds it: may an Exchange server write what a phone needs?
func ExampleParse() {
	servers := adsec.MustSID("S-1-5-21-1004336348-1177238915-682003330-1107")
	stored, err := adsec.ParseSDDL("O:BAG:BAD:P(A;;RPWP;;;"+servers.String()+")(D;;CC;;;WD)", "", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	descriptor, err := adsec.Parse(stored.Bytes()) // the attribute's bytes
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("inheritance is off:", descriptor.IsProtected())
	token := adsec.NewToken([]adsec.SID{servers, adsec.Everyone})
	write := descriptor.Check(token, adsec.Request{Mask: adsec.WriteProperty})
	fmt.Println("writes:", write.Granted, write.Because)
	create := descriptor.Check(token, adsec.Request{Mask: adsec.CreateChild})
	fmt.Println("creates:", create.Granted, create.Because)
	// Output:
	// inheritance is off: true
	// writes: true [(A;;RPWP;;;S-1-5-21-1004336348-1177238915-682003330-1107)]
	// creates: false [(D;;CC;;;S-1-1-0)]
}
