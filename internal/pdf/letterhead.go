package pdf

import (
	"cmp"
	"strings"
)

// letterhead begins the first page: logo or name at the left, how to reach the
// business at the right.
func (s *sheet) letterhead(head Letterhead) {
	s.f.SetFillColor(s.brand.r, s.brand.g, s.brand.b)
	s.f.Rect(0, 0, s.w, 1.6, "F")

	const logoWide, logoHigh = 62.0, 17.0
	drawn := len(head.Logo) > 0 && s.picture("logo", head.Logo, margin, s.y, logoWide, logoHigh, false) == nil
	left := s.y + logoHigh
	if !drawn {
		left = s.block(margin, s.y-1, 90, head.Name, style{size: 17, bold: true, in: s.brand, lead: 1.25}, 2)
	}

	var lines []string
	if drawn {
		lines = append(lines, head.Name)
	}
	if head.LegalName != "" && head.LegalName != head.Name {
		lines = append(lines, head.LegalName)
	}
	lines = append(lines, head.Registration, strings.Join(head.Address, ", "), join2(head.Phone, head.Email), bareURL(head.Website))
	y := s.y
	for i, text := range lines {
		if text == "" {
			continue
		}
		st := note
		if i == 0 {
			st.bold, st.in = true, ink
		}
		for _, l := range s.wrap(text, st, 92) {
			s.draw(s.w-margin-l.wide(st), y, l, st)
			y += st.height()
		}
	}
	s.y = max(left, y) + 7
}

func join2(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "  ·  " + b
}

// bareURL is a website as people say it.
func bareURL(u string) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(u, "https://"), "http://"), "/")
}

// title writes what the document is, its name and, at the right, a mark such as Draft.
func (s *sheet) title(kind, name, mark string) {
	s.one(margin, s.y, s.inner()-50, kind, style{size: 9, bold: true, in: s.brand})
	if mark != "" {
		s.end(s.w-margin, s.y, 60, mark, style{size: 9, bold: true, in: soft})
	}
	s.y += 5.2
	s.y = s.block(margin, s.y, s.inner(), name, style{size: 17, bold: true, in: ink, lead: 1.25}, 3) + 2
}

// running makes further pages begin with the name of the business and of the document.
func (s *sheet) running(head Letterhead, name string) {
	s.onPage = func() {
		s.f.SetFillColor(s.brand.r, s.brand.g, s.brand.b)
		s.f.Rect(0, 0, s.w, 1.6, "F")
		s.one(margin, s.y-4, 70, head.Name, style{size: 8, bold: true, in: ink})
		s.end(s.w-margin, s.y-4, 100, name, style{size: 8, in: soft})
		s.y += 1
		s.rule(margin, s.w-margin, s.y, rule, 0.2)
		s.y += 6
	}
}

// foot is what the pages end with: who the business is, in one line.
func (h Letterhead) foot() string {
	return strings.TrimSuffix(cmp.Or(h.LegalName, h.Name)+"  ·  "+h.Registration, "  ·  ")
}
