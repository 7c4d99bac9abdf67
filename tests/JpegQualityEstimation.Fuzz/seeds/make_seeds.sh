#!/bin/sh
# Makes the JPEG seeds beside it. Birth certificate: libjpeg-turbo 2.1.5 (cjpeg), ImageMagick 6.9.11-60, Debian 12.
# Run: sh tests/JpegQualityEstimation.Fuzz/seeds/make_seeds.sh
set -eu
cd "$(dirname "$0")"
rm -f ./*.jpg
convert -size 45x29 -seed 1 plasma:red-blue -attenuate 0.3 +noise Gaussian -depth 8 seed.ppm
convert seed.ppm -colorspace Gray -depth 8 seed.pgm
cjpeg -quality 80 -sample 2x2 seed.ppm > baseline-420.jpg
cjpeg -quality 60 -sample 1x1 seed.ppm > baseline-444.jpg
cjpeg -quality 85 -sample 2x1 -optimize seed.ppm > baseline-422-optimized.jpg
cjpeg -quality 85 -sample 1x2 seed.ppm > baseline-440.jpg
cjpeg -quality 75 -sample 4x1 -restart 2B seed.ppm > baseline-411-restart.jpg
cjpeg -quality 75 -sample 2x2,1x2,2x1 seed.ppm > baseline-mixed.jpg
cjpeg -quality 90 -grayscale seed.pgm > baseline-gray.jpg
cjpeg -quality 90 -rgb seed.ppm > baseline-rgb.jpg
cjpeg -quality 2 seed.ppm > extended-16-bit-table.jpg
cjpeg -quality 80 -progressive seed.ppm > progressive-420.jpg
cjpeg -quality 70 -progressive -sample 1x1 -restart 1 seed.ppm > progressive-444-restart.jpg
cjpeg -quality 80 -progressive -grayscale seed.pgm > progressive-gray.jpg
cjpeg -quality 80 -arithmetic seed.ppm > arithmetic.jpg
convert seed.ppm -colorspace CMYK -quality 80 cmyk.jpg
echo "0; 1; 2;" > scans.txt
cjpeg -quality 80 -scans scans.txt seed.ppm > baseline-three-scans.jpg
convert -size 1000x1000 xc:orange -colorspace CMYK -sampling-factor 1x1 -interlace JPEG -quality 80 large-progressive-cmyk.jpg
convert -size 9x6000 xc:orange ppm:- | cjpeg -quality 80 -sample 4x2 > tall-420.jpg
rm seed.ppm seed.pgm scans.txt
