package bench

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
)

// logHeading is that of IIS 10 with its default fields.
const logHeading = `#Software: Microsoft Internet Information Services 10.0
#Version: 1.0
#Date: 2026-11-02 00:00:00
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken
`

// phones is how many phones the log is about.
const phones = 2000

// troubles are the Log= tokens and the HTTP status of requests that failed.
var troubles = []struct {
	log  string
	http int
}{
	{"V141_LdapC2_LdapL15_As:AllowedG_Mbx:ex1.example.com_Dc:dc1.example.com_Error:UserDisabledForSync_S126", 403},
	{"V141_As:QuarantinedG_Mbx:ex1.example.com_SC1:129", 200},
	{"V141_As:BlockedP_Mbx:ex1.example.com_S142", 449},
	{"V141_LdapC3_LdapL31_Mbx:ex1.example.com_Error:ADOperationException1_S110", 500},
}

// writeLog writes at least size bytes of an IIS log and returns its lines. Half of the requests are of phones, one in
// four of these failed; the others are of Outlook and the web. The same size always gives the same log.
func writeLog(w io.Writer, size int64) (lines int, err error) {
	out := bufio.NewWriterSize(w, 1<<20)
	random := rand.New(rand.NewPCG(1, 2))
	written := int64(0)
	put := func(format string, args ...any) {
		n, e := fmt.Fprintf(out, format, args...)
		if err == nil {
			err = e
		}
		written += int64(n)
		lines++
	}
	fmt.Fprint(out, logHeading)
	lines += 4
	for second := 0; written < size && err == nil; second++ {
		at := fmt.Sprintf("2026-11-02 %02d:%02d:%02d 10.0.0.1", second/3600%24, second/60%60, second%60)
		for range 25 {
			n := random.IntN(phones)
			trouble, http := "V141_LdapC1_LdapL4_Mbx:ex1.example.com_As:AllowedG_Ssnf:T_Fc1_Fid:5_Ty:Em_Filt3_Sst1_BR1_BPR0_S1", 200
			if t := random.IntN(4 * len(troubles)); t < len(troubles) {
				trouble, http = troubles[t].log, troubles[t].http
			}
			put("%s POST /Microsoft-Server-ActiveSync/default.eas "+
				"Cmd=Sync&User=user%d%%40example.com&DeviceId=PHONE%08X&DeviceType=iPhone&CorrelationID=<empty>;&cafeReqId=6f1c;&Log=%s 443 user%d@example.com 10.1.%d.%d Apple-iPhone14C5/2201.65 - %d 0 0 %d\n",
				at, n, n, trouble, n, n/250, n%250, http, 10+random.IntN(900))
			put("%s POST /mapi/emsmdb/ MailboxId=6f1c2a34-0000-4000-8000-%012d@example.com&CorrelationID=<empty>;&cafeReqId=81a2; 443 EXAMPLE\\user%d 10.2.%d.%d Microsoft+Office/16.0+(Windows+NT+10.0;+Microsoft+Outlook+16.0.17328;+Pro) - 200 0 0 %d\n",
				at, n, n, n/250, n%250, 10+random.IntN(900))
		}
	}
	if e := out.Flush(); err == nil {
		err = e
	}
	if err != nil {
		return 0, fmt.Errorf("write the log: %w", err)
	}
	return lines, nil
}

// logFile writes the log to a new file in dir.
func logFile(dir string, size int64) (name string, lines int, err error) {
	f, err := os.CreateTemp(dir, "u_ex*.log")
	if err != nil {
		return "", 0, fmt.Errorf("make the log: %w", err)
	}
	lines, err = writeLog(f, size)
	if e := f.Close(); err == nil && e != nil {
		err = fmt.Errorf("write the log: %w", e)
	}
	return f.Name(), lines, err
}
