#!/bin/sh
# Makes keys/*.pem, private keys in every form that people have them in. Run by hand, not by the tests.
set -eu
cd "$(dirname "$0")"
mkdir -p keys
cd keys
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa-pkcs8.pem
openssl rsa -traditional -in rsa-pkcs8.pem -out rsa-pkcs1.pem
openssl pkey -in rsa-pkcs8.pem -pubout -out rsa-public.pem
openssl pkcs8 -topk8 -v2 aes-256-cbc -passout pass:secret -in rsa-pkcs8.pem -out rsa-pkcs8-encrypted.pem
openssl rsa -traditional -aes128 -passout pass:secret -in rsa-pkcs8.pem -out rsa-pkcs1-encrypted.pem
openssl req -x509 -key rsa-pkcs8.pem -subj /CN=example.org -days 36500 -out certificate.pem
cat certificate.pem rsa-pkcs8.pem >rsa-behind-certificate.pem
sed 's/$/\r/' rsa-pkcs8.pem >rsa-crlf.pem
head -c 900 rsa-pkcs8.pem >rsa-cut.pem
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out rsa-1024.pem
openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out rsa-pss.pem
openssl ecparam -name prime256v1 -genkey -out p256-sec1-with-parameters.pem
openssl ec -in p256-sec1-with-parameters.pem -out p256-sec1.pem
openssl pkcs8 -topk8 -nocrypt -in p256-sec1.pem -out p256-pkcs8.pem
openssl ec -aes128 -passout pass:secret -in p256-sec1.pem -out p256-sec1-encrypted.pem
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.pem
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out p521.pem
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out secp256k1.pem
openssl genpkey -quiet -algorithm ED25519 -out ed25519.pem
openssl genpkey -quiet -algorithm ED448 -out ed448.pem
openssl genpkey -quiet -algorithm X25519 -out x25519.pem
