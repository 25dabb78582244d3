package store_test

import (
	"testing"

	"easbot/internal/lab"
)

func TestMain(m *testing.M) { lab.Main(m) }
