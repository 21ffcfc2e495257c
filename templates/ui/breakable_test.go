package ui

import (
	"strings"
	"testing"
)

func TestNumbersStayWholeAndAddressesBreakAfterTheirAt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Surgery 2, J-1445":       `Surgery 2, <span class="nowrap">J-1445</span>`,
		"(Q-12), a@b.example":     `(<span class="nowrap">Q-12</span>), a@<wbr>b.example`,
		"<b> & split-2, LJ-x":     `&lt;b&gt; &amp; split-2, LJ-x`,
		"PLA-M71EA-K stays model": `PLA-M71EA-K stays model`,
	} {
		var b strings.Builder
		if err := Breakable(text).Render(t.Context(), &b); err != nil || b.String() != want {
			t.Errorf("%s: %s (%v)", text, b.String(), err)
		}
	}
}
