package notify

import (
	"strings"
	"testing"

	"fieldgate/internal/push"
)

func TestNotificationsAreShortEnough(t *testing.T) {
	t.Parallel()
	text, err := encodePush(pushLook{Title: strings.Repeat("<", 80), Body: strings.Repeat("<\n", 5000), Path: "/jobs/J-1001?as=1", Topic: strings.Repeat("f", 32), Icon: "/icon"})
	if err != nil || len(text) > push.MaxMessage {
		t.Errorf("%d bytes: %v", len(text), err)
	}
}
