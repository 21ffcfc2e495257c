package imaging

import (
	"image"
	"image/color"
)

// fit returns the dimensions with the longer side at most longest. Nothing grows.
func fit(width, height, longest int) (int, int) {
	long := max(width, height)
	if long <= longest {
		return width, height
	}
	scale := func(side int) int { return max(1, (side*longest+long/2)/long) }
	return scale(width), scale(height)
}

// shrink returns the picture on white with the longer side at most longest. Each
// new pixel is the mean of the area it stands for. Rows are taken one after
// another: draw.CatmullRom would first make an intermediate of 32 bytes for each
// new column of each old row, 196 MB for twelve megapixels.
func shrink(img image.Image, longest int) *image.RGBA {
	bounds := img.Bounds()
	width, height := bounds.Dx(), bounds.Dy()
	w, h := fit(width, height, longest)
	read, finish := rows(img)

	out := image.NewRGBA(image.Rect(0, 0, w, h))
	row := make([]uint8, 3*width)
	across := make([]uint32, 3*w) // sums of one old row: at most 255 × MaxSide
	sums := make([]uint64, 3*w)   // sums of the rows of one new row
	area := uint64(width) * uint64(height)

	// Both directions count in fractions that need no rounding: an old pixel is w
	// units wide and a new one width units, so that both rows have w × width.
	y, left := 0, height
	emit := func() {
		pix := out.Pix[y*out.Stride:]
		for x := range w {
			pix[4*x] = uint8((sums[3*x] + area/2) / area)
			pix[4*x+1] = uint8((sums[3*x+1] + area/2) / area)
			pix[4*x+2] = uint8((sums[3*x+2] + area/2) / area)
			pix[4*x+3] = 255
			finish(pix[4*x : 4*x+3])
		}
		clear(sums)
		y, left = y+1, height
	}
	for sy := range height {
		read(sy, row)
		sumAcross(across, row, width, w)
		units := h
		if units >= left {
			add(sums, across, left)
			units -= left
			emit()
		}
		if units > 0 {
			add(sums, across, units)
			left -= units
		}
	}
	return out
}

func sumAcross(across []uint32, row []uint8, width, w int) {
	clear(across)
	x, left := 0, width
	for sx := range width {
		p := row[3*sx : 3*sx+3 : 3*sx+3]
		r, g, b := uint32(p[0]), uint32(p[1]), uint32(p[2])
		units := w
		if units >= left {
			n, q := uint32(left), across[3*x:3*x+3:3*x+3]
			q[0] += r * n
			q[1] += g * n
			q[2] += b * n
			units -= left
			x, left = x+1, width
		}
		if units > 0 {
			n, q := uint32(units), across[3*x:3*x+3:3*x+3]
			q[0] += r * n
			q[1] += g * n
			q[2] += b * n
			left -= units
		}
	}
}

func add(sums []uint64, across []uint32, units int) {
	n := uint64(units)
	for i, v := range across {
		sums[i] += uint64(v) * n
	}
}

// rows returns a function that reads one row as three bytes a pixel, and one
// that turns the mean of such triples into red, green and blue: the mean of a
// JPEG's brightness and colours is taken before they are converted, which spares
// most of the conversions.
func rows(img image.Image) (read func(y int, row []uint8), finish func(pixel []uint8)) {
	b := img.Bounds()
	finish = func([]uint8) {}
	switch img := img.(type) {
	case *image.YCbCr:
		shift := 0
		switch img.SubsampleRatio {
		case image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420:
			shift = 1
		case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
			shift = 2
		}
		read = func(y int, row []uint8) {
			luma := img.Y[img.YOffset(b.Min.X, b.Min.Y+y):]
			at := img.COffset(b.Min.X, b.Min.Y+y)
			cb, cr := img.Cb[at:], img.Cr[at:]
			first := b.Min.X >> shift
			for x := range len(row) / 3 {
				c := (b.Min.X+x)>>shift - first
				row[3*x], row[3*x+1], row[3*x+2] = luma[x], cb[c], cr[c]
			}
		}
		finish = func(p []uint8) { p[0], p[1], p[2] = color.YCbCrToRGB(p[0], p[1], p[2]) }
	case *image.Gray:
		read = func(y int, row []uint8) {
			for x, v := range img.Pix[img.PixOffset(b.Min.X, b.Min.Y+y):][:len(row)/3] {
				row[3*x], row[3*x+1], row[3*x+2] = v, v, v
			}
		}
	case *image.NRGBA:
		read = func(y int, row []uint8) {
			pix := img.Pix[img.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range len(row) / 3 {
				p := pix[4*x : 4*x+4 : 4*x+4]
				row[3*x], row[3*x+1], row[3*x+2] = onWhite(p[0], p[3]), onWhite(p[1], p[3]), onWhite(p[2], p[3])
			}
		}
	case *image.Paletted:
		var palette [256][3]uint8
		for i, c := range img.Palette {
			n, _ := color.NRGBAModel.Convert(c).(color.NRGBA)
			palette[i] = [3]uint8{onWhite(n.R, n.A), onWhite(n.G, n.A), onWhite(n.B, n.A)}
		}
		read = func(y int, row []uint8) {
			for x, i := range img.Pix[img.PixOffset(b.Min.X, b.Min.Y+y):][:len(row)/3] {
				copy(row[3*x:], palette[i][:])
			}
		}
	default:
		at := func(x, y int) color.RGBA64 {
			r, g, b, a := img.At(x, y).RGBA()
			return color.RGBA64{R: uint16(r), G: uint16(g), B: uint16(b), A: uint16(a)}
		}
		if quick, ok := img.(image.RGBA64Image); ok {
			at = quick.RGBA64At
		}
		read = func(y int, row []uint8) {
			for x := range len(row) / 3 {
				c := at(b.Min.X+x, b.Min.Y+y)
				white := 0xffff - c.A // the colours are multiplied by A already
				row[3*x], row[3*x+1], row[3*x+2] = uint8((c.R+white)>>8), uint8((c.G+white)>>8), uint8((c.B+white)>>8)
			}
		}
	}
	return read, finish
}

func onWhite(v, alpha uint8) uint8 {
	if alpha == 255 {
		return v
	}
	return uint8((uint32(v)*uint32(alpha) + 255*(255-uint32(alpha)) + 127) / 255)
}

// upright turns and mirrors a picture as its Exif orientation asks.
func upright(src *image.RGBA, orientation int) *image.RGBA {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	// from says which old pixel a new one comes from.
	var from func(x, y int) (int, int)
	switch orientation {
	case 2:
		from = func(x, y int) (int, int) { return w - 1 - x, y }
	case 3:
		from = func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }
	case 4:
		from = func(x, y int) (int, int) { return x, h - 1 - y }
	case 5:
		from = func(x, y int) (int, int) { return y, x }
	case 6:
		from = func(x, y int) (int, int) { return y, h - 1 - x }
	case 7:
		from = func(x, y int) (int, int) { return w - 1 - y, h - 1 - x }
	case 8:
		from = func(x, y int) (int, int) { return w - 1 - y, x }
	default:
		return src
	}
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	dst := image.NewRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			sx, sy := from(x, y)
			copy(dst.Pix[dst.PixOffset(x, y):][:4], src.Pix[src.PixOffset(sx, sy):][:4])
		}
	}
	return dst
}
