package crawl_test

import (
	"testing"

	"fieldgate/web/apptest"
)

func TestMain(m *testing.M) { apptest.Main(m) }
