package bench

import (
	"testing"

	"easbot/internal/lab"
)

func TestMain(m *testing.M) { lab.Main(m) }
