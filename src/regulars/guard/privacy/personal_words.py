"""The names under which shops tell personal, secret and sensitive things: what a property's name says about its value."""

from __future__ import annotations

import re
from typing import Literal

#: What a property's name says: a field of a person, something else that is personal, something never to be kept, an identifier
#: (whose digits are no phone), a person (whose inner `name` is theirs), a thing (whose inner `name` is not), itself something
#: personal, or nothing.
Class = Literal["name", "email", "phone", "address", "account", "other", "refused", "id", "person", "thing", "plain", "holds_one"]

_FIELDS: dict[Class, str] = {
    "email": """email emailaddress mail mailaddress useremail customeremail contactemail emailid
        邮箱 电子邮箱 邮件 邮件地址 电邮""",
    "phone": """phone phonenumber mobile mobilephone mobilenumber telephone tel cell cellphone cellnumber msisdn whatsapp
        userphone customerphone contactphone fax phoneno mobileno receiverphone receivermobile recipientphone
        手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 收货人电话 收货人手机""",
    "name": """firstname lastname fullname middlename givenname familyname surname realname displayname customername
        buyername receivername recipientname consignee contactname personname forename maidenname shippingname billingname
        姓名 真实姓名 收货人 收件人 联系人 名字 买家姓名""",
    "address": """address address1 address2 addressline addressline1 addressline2 street street1 street2 streetaddress streetname
        housenumber shippingaddress billingaddress homeaddress deliveryaddress receiveraddress doornumber postaladdress mailingaddress
        地址 收货地址 详细地址 家庭住址 门牌号 街道""",
    "account": """username login loginname nickname nick accountname screenname handle wechat wechatid weixin openid unionid qq
        buyernick useraccount 用户名 账号 帐号 昵称 微信 微信号 买家昵称 买家会员名 会员名""",
    "other": """ip ipaddress ipv4 ipv6 clientip remoteip remoteaddr idcard idcardno idcardnumber identitycard identitynumber nationalid
        passport passportnumber passportno driverslicense driverlicense licenseplate ssn socialsecuritynumber taxid vatid
        birthday birthdate dateofbirth dob birth avatar photo idfa idfv gaid adid advertisingid imei mac macaddress deviceserial
        latitude longitude lat lng lon geo gps
        身份证 身份证号 身份证号码 护照 护照号 生日 出生日期 车牌 车牌号 头像""",
    "refused": """password passwd pwd newpassword oldpassword passphrase secret secretkey apikey accesstoken refreshtoken authtoken
        authorization bearer cardnumber creditcard creditcardnumber cardno ccnumber pan cvv cvc cvv2 securitycode iban bankaccount
        accountnumber bankcard routingnumber
        race ethnicity ethnicorigin religion religiousbelief politicalopinion politicalparty politics unionmembership tradeunion
        health healthstatus healthdata disease illness diagnosis medicalhistory medication disability bloodtype pregnancy pregnant
        geneticdata biometric biometrics fingerprint faceid faceprint voiceprint iris sexuality sexualorientation sexlife
        criminalrecord conviction childname childage childbirthday childrennames isminor minor guardian guardianname
        密码 口令 银行卡 银行卡号 信用卡号 安全码 民族 种族 宗教 宗教信仰 政治面貌 政治观点 健康 健康状况 疾病 病史 诊断
        残疾 血型 怀孕 基因 指纹 人脸 声纹 虹膜 性取向 犯罪记录 未成年 未成年人 监护人 孩子姓名 孩子年龄 孩子生日""",
    "person": """traits customer user buyer shopper member person contact recipient receiver consignor sender owner profile account
        guest client userinfo customerinfo shipping billing shippinginfo billinginfo shippingdetails billingdetails
        用户 买家 客户 会员""",
    "thing": """company organization organisation group team plan subscription store shop product products item items lineitems
        campaign page app device os library network category brand experiment variant referrer location 商品 店铺 公司""",
}
PERSONAL: frozenset[Class] = frozenset({"name", "email", "phone", "address", "account", "other"})
_WORDS: dict[str, Class] = {word: kind for kind, words in _FIELDS.items() for word in words.split()}

#: Names that never hold a phone, whatever their digits: identifiers, codes and amounts.
_ID = re.compile(
    r"(id|ids|sku|skus|code|codes|number|(order|serial|invoice|tracking|waybill|batch)no|ean|upc|gtin|barcode|isbn|asin|hash|token"
    r"|price|total|revenue|value|amount|subtotal|timestamp|编号|单号|订单号|条码|金额|价格)$"
)
_BETWEEN = re.compile(r"[\s_\-.\[\]/:()]+")
#: `$email`, `$set.email`: PostHog's own mark; it does not change the meaning.
_MARKS = "$#*"
_LONGEST_NAME = 60


def word_class(name: str) -> Class:
    """What a property's name says about its value, in whatever spelling (`first_name`, `firstName`, `First Name`)."""
    if len(name) > _LONGEST_NAME:
        return "plain"
    plain = _BETWEEN.sub("", name).strip(_MARKS).lower()
    known = _WORDS.get(plain)
    if known:
        return known
    return "id" if _ID.search(plain) else "plain"


def is_sensitive(name: str) -> bool:
    """Whether values of this name are refused by default: secrets, special categories (GDPR 9, PIPL 28) and what tells of minors."""
    return word_class(name) == "refused"


def raw_pattern() -> str:
    """A regular expression (RE2, Latin-1) that finds in raw JSON whatever `scrub` could take out, and at times a little more."""

    def spelled(*kinds: Class) -> str:
        return "|".join(r"[_ .\-]?".join(word) for word, kind in _WORDS.items() if kind in kinds and word.isascii())

    personal, refused, people = spelled(*PERSONAL), spelled("refused"), spelled("person")
    chinese = r"(?:[\xe4-\xe9][\x80-\xbf][\x80-\xbf]|\\u[4-9][0-9a-f]{3})"
    mobile = r"1[3-9][0-9][ \-]?[0-9]{4}[ \-]?[0-9]{4}"
    return "|".join(
        (
            r"@|%40|\xef\xbc\xa0|\xef\xbc[\x90-\x99]|\\u00[0-7]|\\uff[012]",
            rf"(?i:\"[$#*]*(?:(?:{personal})\"\s*:\s*[^ftn\s]|(?:{refused})\"\s*:\s*[^n\s]|(?:{people})\"\s*:\s*[{{\[]))",
            rf"(?i:[?&;](?:{personal}|{refused})=)",
            rf"\"{chinese}{{1,12}}\"\s*:|[?&;]{chinese}{{1,12}}=",
            rf"[^0-9A-Za-z.](?:00)?(?:86[ \-]?)?{mobile}[^0-9A-Za-z]|%2[bB]{mobile}",
            r"(?:\+|%2[bB])[1-9](?:[ ().\-]{0,2}[0-9]){7}|[^0-9A-Za-z][1-9][0-9]{16}[0-9xX][^0-9A-Za-z]",
        )
    )
