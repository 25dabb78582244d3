package explain

import (
	"flag"
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// Go makes every new input of a fuzz run shorter, for up to a minute each, in which nothing new is tried. Texts of
	// some hundred characters always take the whole minute.
	shorten := true
	flag.Visit(func(f *flag.Flag) { shorten = shorten && f.Name != "test.fuzzminimizetime" })
	if shorten {
		if err := flag.Set("test.fuzzminimizetime", "500x"); err != nil {
			os.Stderr.WriteString("fuzzminimizetime: " + err.Error() + "\n")
			os.Exit(2)
		}
	}
	goleak.VerifyTestMain(m)
}
