package list

import (
	"sync"
	"testing"
)

// TestWhereIsAValue: many requests add to copies of one and the same, and none
// finds what another has added.
func TestWhereIsAValue(t *testing.T) {
	t.Parallel()
	base := Where{}
	base.And("t.removed_at is null")
	base.And("t.kind = @kind", "kind", "photo")
	base.conditions = append(make([]string, 0, 8), base.conditions...) // room that copies would share
	var all sync.WaitGroup
	for who := range 50 {
		all.Go(func() {
			mine := base
			mine.And("t.owner = @owner", "owner", who)
			mine.bind("typed", who)
			if mine.args["owner"] != who || mine.args["typed"] != who || len(mine.conditions) != 3 || mine.conditions[2] != "t.owner = @owner" {
				t.Errorf("%d finds %v %v", who, mine.conditions, mine.args)
			}
		})
	}
	all.Wait()
	if len(base.args) != 1 || len(base.conditions) != 2 {
		t.Errorf("the one they came from has %v %v", base.conditions, base.args)
	}
}
