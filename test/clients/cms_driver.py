"""What services do with signed tokens: python-keystoneclient checks them, and signs some of its own.

Reads one JSON object from standard input and answers with one on standard output.
"""
import json
import sys

from keystoneclient.common import cms


def main():
    order = json.load(sys.stdin)
    cert, key, ca = order['certfile'], order['keyfile'], order['ca']
    answer = {
        'pki': json.loads(cms.verify_token(order['pki'], cert, ca)),
        'pkiz': json.loads(cms.pkiz_verify(order['pkiz'], cert, ca)),
        'list': json.loads(cms.cms_verify(order['list'], cert, ca)),
        'hashes': {mode: cms.cms_hash_token(order['pki'], mode) for mode in ('md5', 'sha256')},
        'signed': [
            {
                'text': text,
                'pki': cms.cms_sign_token(text, cert, key),
                'pkiz': cms.pkiz_sign(text, cert, key),
            }
            for text in order['texts']
        ],
    }
    try:
        cms.verify_token(order['changed'], cert, ca)
        answer['changed'] = 'accepted'
    except Exception:
        answer['changed'] = 'refused'
    json.dump(answer, sys.stdout)


main()
